package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.inside.FileEntry;
import io.calco.engine.inside.GuestFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `calco backup ls`.
final class BackupLsCommand extends BackupCommand.OnRepository {
  private final GuestSource source = new GuestSource(words);
  private final FileListing listing = new FileListing(words);
  private final Value<String> place =
      words.parameter("POINT[:PATH]", String.class, BackupCommand.POINT);

  BackupLsCommand() {
    super("ls", "List files in a restore point.");
    words.examples("calco backup ls latest:/etc", "calco backup ls -l web1@latest:p2:/EFI");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    PointPlace from = PointPlace.find(repository, place.get());
    List<FileEntry> found = new ArrayList<>();
    try (GuestFiles files =
        new Backups(repository).files(from.point(), from.place(), source.options())) {
      listing.add(files, from.place().path(), found);
    }
    listing.print(this, found);
    return ExitCode.DONE;
  }
}
