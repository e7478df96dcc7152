package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import io.calco.store.StoreCensus;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `calco repo`: the places where restore points are kept.
final class RepoCommand extends GroupCommand {
  RepoCommand() {
    super("repo", "Repositories: the places where restore points are kept.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("init", Init::new),
        new Member("status", Status::new),
        new Member("set", RepoSetCommand::new),
        new Member("repair", RepoRepairCommand::new),
        new Member("key", RepoKeyCommand::new),
        new Member("recovery", Recovery::new));
  }

  /// `calco repo init`.
  static final class Init extends CommandBase {
    private final Value<String> passphrase = RepositoryFlags.passphrase(words);
    private final Flag encrypt =
        words.flag(
            "--encrypt",
            "All that is kept is sealed with AES-256-GCM; the passphrase opens it. It cannot be done"
                + " later.");
    private final Flag appendOnly =
        words.flag("--append-only", "Nothing is to be taken from it: see calco repo set.");
    private final Value<String> address =
        words.optionalParameter(
            "ADDRESS",
            String.class,
            "A directory, made if it is not there, or a place that is written sftp://, s3://, smb://"
                + " or calco:// (default: $$CALCO_REPO).");

    Init() {
      super(
          "init",
          "Make a repository.",
          "With a passphrase it is encrypted. Print the recovery key then, and keep the paper: calco"
              + " repo recovery.");
      words.examples(
          "calco repo init /mnt/usb/backups",
          "calco repo init sftp://ana@nas/srv/backups",
          "calco repo init 'calco://backups.example/web?credentials=/etc/calco/backups.rc'",
          "calco repo init --encrypt --repo-passphrase-file /etc/calco/passphrase /mnt/usb/backups");
    }

    @Override
    int run() throws IOException {
      try (StoreSecret secret = RepositoryFlags.secret(passphrase.optional())) {
        if (encrypt.given() && !secret.given()) {
          throw new OperationException(
              Kind.USAGE,
              "--encrypt needs a passphrase",
              "name the file that holds it: --repo-passphrase-file, or "
                  + BackupRepository.PASSPHRASE_VARIABLE);
        }
        String place = BackupRepository.address(address.optional(), System.getenv());
        try (BackupRepository made =
            BackupRepository.create(place, RepositoryOptions.defaults(), secret)) {
          if (appendOnly.given()) {
            made.store().makeAppendOnly();
          }
          if (json()) {
            Json.print(
                out(), Json.object().put("repository", place).put("encrypted", made.isEncrypted()));
          } else {
            say("%s: made%s".formatted(place, made.isEncrypted() ? ", encrypted" : ""));
          }
        }
      }
      return ExitCode.DONE;
    }
  }

  /// `calco repo status`.
  static final class Status extends BackupCommand.OnRepository {
    Status() {
      super("status", "What a repository holds, and what that takes.");
      words.examples("calco repo status --repo /mnt/usb/backups");
    }

    @Override
    int run(BackupRepository repository) throws IOException {
      StoreCensus census;
      boolean grows = repository.store().appendOnly();
      try (Progress progress = progress()) {
        census = repository.store().census(progress);
      }
      Optional<Backend.Quota> quota = repository.store().quota();
      List<RestorePoint> points = new Backups(repository).list(Optional.empty()).points();
      long size = points.stream().mapToLong(point -> point.disk().size()).sum();
      long stored = census.packBytes() + census.otherBytes();
      if (json()) {
        Json.print(
            out(),
            Json.object()
                .put("repository", repository.address())
                .put("encrypted", census.encrypted())
                .put("append-only", grows)
                .put("points", points.size())
                .put("size", size)
                .put("data-size", census.dataBytes())
                .put("stored-size", stored)
                .put("garbage-bytes", census.garbageBytes())
                .put("missing-pieces", census.missing())
                .put("uploads", census.uploads())
                .put("quota", quota.map(Backend.Quota::limit))
                .put("quota-used", quota.map(Backend.Quota::used)));
        return ExitCode.DONE;
      }
      Table table =
          new Table(
              "repository",
              repository.address()
                  + (census.encrypted() ? ", encrypted" : "")
                  + (grows ? ", append-only" : ""));
      table.add("points", "%d, of disks of %s".formatted(points.size(), Text.size(size)));
      table.add("data", Text.size(census.dataBytes()));
      table.add(
          "stored",
          "%s; %s of it garbage".formatted(Text.size(stored), Text.size(census.garbageBytes())));
      quota.ifPresent(has ->
          table.add(
              "quota",
              "%s of %s used by the project"
                  .formatted(Text.size(has.used()), Text.size(has.limit()))));
      if (census.uploads() > 0) {
        table.add("uploads", census.uploads() + " running");
      }
      if (census.missing() > 0) {
        table.add(
            "DAMAGED", Text.count(census.missing(), "piece") + " missing: calco backup verify");
      }
      table.print(out());
      return ExitCode.DONE;
    }
  }

  /// `calco repo recovery`.
  static final class Recovery extends BackupCommand.OnRepository {
    Recovery() {
      super(
          "recovery",
          "Print the recovery key of an encrypted repository: 58 letters and digits for paper, which"
              + " open it by themselves.",
          "Whoever has them has all restore points. They stand in for the passphrase in any"
              + " --repo-passphrase-file.");
      words.examples("calco repo recovery --repo /mnt/usb/backups | lpr");
    }

    @Override
    int run(BackupRepository repository) throws IOException {
      return KeyText.recovery(this, repository.keys());
    }
  }
}
