package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Values;
import io.calco.engine.OperationException;
import io.calco.engine.inside.GuestEdit;
import io.calco.engine.inside.GuestPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `calco guest copy-in`.
final class GuestCopyInCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final Flag dryRun = words.flag("-n, --dry-run", "Say what would change; write nothing.");
  private final Values<String> given =
      words.parameters(
          2,
          "FILE... DISK:PATH",
          String.class,
          "Files or directories of the host, and where they go: into a directory that is there or ends"
              + " with /, otherwise as the path itself.");

  GuestCopyInCommand() {
    super("copy-in", "Copy files of the host into a guest: root's, with their permissions.");
    words.examples(
        "calco guest copy-in motd vm.qcow2:/etc/", "calco guest copy-in -n site vm.qcow2:/srv/www");
  }

  @Override
  int run() throws IOException {
    List<String> all = given.all();
    if (all.size() < 2) {
      throw new OperationException(
          OperationException.Kind.USAGE, "name a file, and where it goes: FILE DISK:PATH");
    }
    try (Progress progress = progress()) {
      GuestCommand.print(
          this,
          GuestEdit.copyIn(
              all.subList(0, all.size() - 1).stream().map(Path::of).toList(),
              GuestPath.parse(all.getLast()),
              source.options(),
              dryRun.given() ? GuestEdit.Mode.DRY_RUN : GuestEdit.Mode.MAKE,
              progress));
    }
    return ExitCode.DONE;
  }
}
