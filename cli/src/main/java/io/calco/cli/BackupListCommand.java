package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.cli.Syntax.Value;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;

/// `calco backup list`.
final class BackupListCommand extends BackupCommand.OnRepository {
  private final Value<String> machine =
      words.optionalParameter("MACHINE", String.class, "Only points of this machine.");

  BackupListCommand() {
    super("list", "The restore points in a repository, oldest first; times are UTC.");
    words.exitCodes("0:all can be read", "1:something is damaged; the rest is listed");
    words.examples("calco backup list --repo /mnt/usb/backups", "calco backup list web1");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    RestorePoints.Listing listing = new Backups(repository).list(machine.optional());
    if (json()) {
      Json.print(out(), listing.points().stream().map(BackupText::json).toList());
    } else if (listing.points().isEmpty()) {
      say("There is no restore point.");
    } else {
      Table table = new Table("ID", "MADE", "MACHINE", "DISK", "DATA", "STORED", "REMARKS");
      for (RestorePoint point : listing.points()) {
        table.add(
            BackupRepository.shortId(point),
            BackupText.time(point.created()),
            BackupText.disk(point),
            Text.size(point.disk().size()),
            Text.size(point.work().data()),
            Text.size(point.work().stored()),
            BackupText.remarks(point));
      }
      table.print(out());
    }
    listing.unreadable().forEach(line -> say("calco: " + Text.safe(line)));
    return listing.unreadable().isEmpty() ? ExitCode.DONE : ExitCode.NO;
  }
}
