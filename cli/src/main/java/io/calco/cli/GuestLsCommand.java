package io.calco.cli;

import io.calco.cli.Syntax.Values;
import io.calco.engine.inside.FileEntry;
import io.calco.engine.inside.GuestFiles;
import io.calco.engine.inside.GuestPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `calco guest ls`.
final class GuestLsCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final FileListing listing = new FileListing(words);
  private final Values<String> places =
      words.parameters(1, "DISK[:PATH]", String.class, GuestCommand.PLACE);

  GuestLsCommand() {
    super("ls", "List files of a guest.");
    words.examples(
        "calco guest ls vm.qcow2:/etc",
        "calco guest ls -l vm.qcow2:p2:/EFI",
        "calco guest ls -R --output json vm.qcow2:/home");
  }

  @Override
  int run() throws IOException {
    List<FileEntry> found = new ArrayList<>();
    for (String text : places.all()) {
      GuestPath place = GuestPath.parse(text);
      try (GuestFiles files = GuestFiles.open(place, source.options())) {
        listing.add(files, place.path(), found);
      }
    }
    listing.print(this, found);
    return ExitCode.DONE;
  }
}
