package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.machine.MachineHost;
import java.io.IOException;
import java.nio.file.Path;

/// `calco machine screenshot`.
final class MachineScreenshotCommand extends MachineCommand.OnMachine {
  private final Value<Path> file =
      words.parameter("FILE", Path.class, "Where the picture goes (PNG); replaced if it is there.");

  MachineScreenshotCommand() {
    super("screenshot", "What a running machine shows on its first screen.");
    words.examples("calco machine screenshot web1 web1.png");
  }

  @Override
  int run(MachineHost machines) throws IOException {
    machines.screenshot(machine()).write(file.get());
    say("written: " + file.get());
    return ExitCode.DONE;
  }
}
