package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.inside.CopyOut;
import io.calco.engine.inside.GuestFiles;
import java.io.IOException;
import java.nio.file.Path;

/// `calco backup copy-out`.
final class BackupCopyOutCommand extends BackupCommand.OnRepository {
  private final GuestSource source = new GuestSource(words);
  private final Value<String> place =
      words.parameter("POINT:PATH", String.class, BackupCommand.POINT);
  private final Value<Path> target =
      words.parameter(
          "TARGET",
          Path.class,
          "A directory to copy into, or the name of the copy. Nothing is overwritten.");

  BackupCopyOutCommand() {
    super(
        "copy-out",
        "Copy a file or directory out of a restore point.",
        "Permissions and times are kept, owners and special files are not.");
    words.examples("calco backup copy-out latest:/home/ana/thesis.odt .");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    PointPlace from = PointPlace.find(repository, place.get());
    CopyOut.Report report;
    try (GuestFiles files =
            new Backups(repository).files(from.point(), from.place(), source.options());
        Progress progress = progress()) {
      report = CopyOut.copy(files, from.place().path(), target.get(), progress);
    }
    GuestCopyOutCommand.tell(this, report, target.get());
    return ExitCode.DONE;
  }
}
