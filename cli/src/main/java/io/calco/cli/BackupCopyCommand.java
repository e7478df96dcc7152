package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.disk.DiskException;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.store.StoreSecret;
import io.calco.store.UploadWork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `calco backup copy`.
final class BackupCopyCommand extends BackupCommand.OnRepository {
  private final Value<String> to =
      words.requiredOption("--to", "ADDRESS", String.class, "The repository to copy to.");
  private final Value<String> passphrase =
      words.option(
          "--to-passphrase-file",
          "FILE",
          String.class,
          "Holds the passphrase of the repository to copy to, if it is encrypted.");
  private final Values<String> points =
      words.parameters(
          0,
          "POINT",
          String.class,
          BackupCommand.POINT + " Without any, all that are missing there.");

  BackupCopyCommand() {
    super(
        "copy",
        "Copy restore points to another repository, which may have another passphrase.",
        "What the other repository has already is not stored again.");
    words.exitCodes("0:all are there now", "1:one is damaged here; the rest is there");
    words.examples(
        "calco backup copy --to /mnt/offsite/backups",
        "calco backup copy --to /mnt/offsite/backups web1@latest");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    Backups backups = new Backups(repository);
    List<RestorePoint> wanted = new ArrayList<>();
    for (String name : points.all()) {
      wanted.add(repository.find(name));
    }
    if (wanted.isEmpty()) {
      wanted.addAll(backups.list(Optional.empty()).points());
    }
    List<Json.Fields> all = new ArrayList<>();
    int exit = ExitCode.DONE;
    try (StoreSecret secret =
            passphrase.given()
                ? StoreSecret.owning(PassphraseFile.readLine(passphrase.get()))
                : StoreSecret.none();
        BackupRepository other = BackupRepository.open(to.get(), options(), secret);
        Progress progress = progress()) {
      for (RestorePoint point : wanted) {
        UploadWork work;
        try {
          work = backups.copy(point, other, progress);
        } catch (DiskException damaged) {
          exit = ExitCode.NO;
          say(
              "calco: %s %s: %s"
                  .formatted(
                      BackupRepository.shortId(point),
                      Text.safe(point.machine()),
                      Text.safe(String.valueOf(damaged.getMessage()))));
          continue;
        }
        all.add(
            Json.object()
                .put("id", point.id())
                .put("data", work.data())
                .put("fresh", work.fresh())
                .put("stored", work.stored()));
        if (!json()) {
          out()
              .printf(
                  "%s  %s: %s new, %s stored%n",
                  BackupRepository.shortId(point),
                  Text.safe(point.machine()),
                  Text.size(work.fresh()),
                  Text.size(work.stored()));
        }
      }
    }
    if (json()) {
      Json.print(out(), all);
    }
    return exit;
  }
}
