package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.store.StoreReport;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/// `calco backup verify`.
final class BackupVerifyCommand extends BackupCommand.OnRepository {
  BackupVerifyCommand() {
    super(
        "verify",
        "Read everything in a repository and compare it with its hashes.",
        "Finds any bit that is not as it was written, and names the points and partitions that"
            + " suffer. Each point remembers the result.");
    words.exitCodes("0:all is as it was written", "1:something is damaged");
    words.examples("calco backup verify --repo /mnt/usb/backups");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    Backups.Verification found;
    try (Progress progress = progress()) {
      found = new Backups(repository).verify(progress);
    }
    return tell(this, found);
  }

  /// Prints what was found; the exit code.
  static int tell(CommandBase command, Backups.Verification found) {
    if (command.json()) {
      Json.print(command.out(), json(found));
    } else {
      print(command.out(), found);
    }
    return found.report().sound() ? ExitCode.DONE : ExitCode.NO;
  }

  private static Json.Fields json(Backups.Verification found) {
    StoreReport report = found.report();
    return Json.object()
        .put("sound", report.sound())
        .put("packs", report.packs())
        .put("pieces", report.pieces())
        .put("bytes", report.bytes())
        .put("damages", LossText.damages(report.damages()))
        .put(
            "sufferers",
            found.sufferers().entrySet().stream()
                .map(entry -> json(entry.getKey(), entry.getValue()))
                .toList());
  }

  private static Json.Fields json(RestorePoint point, List<StoreReport.Loss> losses) {
    return Json.object()
        .put("id", point.id())
        .put("machine", point.machine())
        .put("losses", LossText.losses(losses));
  }

  private static void print(PrintStream out, Backups.Verification found) {
    LossText.printDamages(out, found.report().damages());
    found
        .sufferers()
        .forEach((point, losses) -> {
          out.printf(
              "%s %s, %s:%n",
              BackupRepository.shortId(point),
              Text.safe(point.machine()),
              BackupText.time(point.created()));
          LossText.printLosses(out, losses, BackupVerifyCommand::part);
        });
    out.printf(
        "Read %s, %s, %s: %s.%n",
        Text.count(found.report().packs(), "pack"),
        Text.count(found.report().pieces(), "piece"),
        Text.size(found.report().bytes()),
        found.report().sound()
            ? "all is as it was written"
            : found.sufferers().isEmpty()
                ? "damaged, and no restore point has lost anything; calco repo repair mends it"
                : "damaged, and %s lost content; calco repo repair --from a copy may have it"
                    .formatted(Text.count(found.sufferers().size(), "restore point")));
  }

  private static String part(String name) {
    return name.matches("p[0-9]+") ? "partition " + name.substring(1) : "outside partitions";
  }
}
