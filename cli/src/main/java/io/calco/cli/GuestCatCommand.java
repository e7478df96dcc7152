package io.calco.cli;

import io.calco.cli.Syntax.Values;
import io.calco.engine.inside.GuestFiles;
import io.calco.engine.inside.GuestPath;
import java.io.IOException;

/// `calco guest cat`.
final class GuestCatCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final Values<String> places =
      words.parameters(1, "DISK:PATH", String.class, GuestCommand.PLACE);

  GuestCatCommand() {
    super("cat", "Write the content of a guest's files to standard output, as it is.");
    words.examples(
        "calco guest cat vm.qcow2:/etc/fstab", "calco guest cat vm.qcow2:/var/log/syslog | less");
  }

  @Override
  int run() throws IOException {
    for (String text : places.all()) {
      GuestPath place = GuestPath.parse(text);
      try (GuestFiles files = GuestFiles.open(place, source.options())) {
        files.cat(place.path(), out());
      }
    }
    out().flush();
    return ExitCode.DONE;
  }
}
