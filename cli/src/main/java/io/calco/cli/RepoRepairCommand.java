package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.disk.JobContext;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.util.Optional;

/// `calco repo repair`.
final class RepoRepairCommand extends BackupCommand.OnRepository {
  private final Value<String> from =
      words.option(
          "--from",
          "ADDRESS",
          String.class,
          "A copy of the repository: what is lost here is taken from there.");
  private final Value<String> passphrase =
      words.option(
          "--from-passphrase-file",
          "FILE",
          String.class,
          "Holds the passphrase of the copy, if it is encrypted; it may be another.");

  RepoRepairCommand() {
    super(
        "repair",
        "Verify a repository, and mend it: rescue what is sound in damaged packs, write the index"
            + " anew, and take what is lost from a copy.",
        "Works beside backups, but not beside a prune. Tells what is damaged still; each point"
            + " remembers it.");
    words.exitCodes("0:all is as it was written", "1:something is damaged still");
    words.examples(
        "calco repo repair --repo /mnt/usb/backups",
        "calco repo repair --from sftp://ana@nas/srv/backups",
        "calco repo repair --from /mnt/offsite --from-passphrase-file /root/offsite.txt");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    try (Progress progress = progress()) {
      return BackupVerifyCommand.tell(this, repair(repository, progress));
    }
  }

  private Backups.Verification repair(BackupRepository repository, JobContext job)
      throws IOException {
    Backups backups = new Backups(repository);
    if (!from.given()) {
      return backups.repair(Optional.empty(), options(), job);
    }
    if (passphrase.given()) {
      requireOneInput(passphrase.get());
    }
    try (StoreSecret secret =
            passphrase.given()
                ? StoreSecret.owning(PassphraseFile.readLine(passphrase.get()))
                : StoreSecret.none();
        BackupRepository copy = BackupRepository.open(from.get(), options(), secret)) {
      return backups.repair(Optional.of(copy), options(), job);
    }
  }
}
