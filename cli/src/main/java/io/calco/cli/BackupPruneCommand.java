package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.util.List;

/// `calco backup prune`.
final class BackupPruneCommand extends BackupCommand.OnRepository {
  private final Flag dryRun =
      words.flag("-n, --dry-run", "Only tell what would be deleted and rewritten.");

  BackupPruneCommand() {
    super(
        "prune",
        "Free the space of what was forgotten.",
        "Runs beside backups; what running ones may rest on waits for the next time.");
    words.examples("calco backup prune --dry-run", "calco backup prune");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    Backups backups = new Backups(repository);
    try (Progress progress = progress()) {
      if (dryRun.given()) {
        CollectionText.tell(this, backups.planPruning(List.of(), progress));
      } else {
        CollectionText.tell(this, backups.prune(progress));
      }
    }
    return ExitCode.DONE;
  }
}
