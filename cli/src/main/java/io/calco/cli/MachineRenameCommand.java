package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.machine.MachineHost;
import java.io.IOException;

/// `calco machine rename`.
final class MachineRenameCommand extends MachineCommand.OnMachine {
  private final Value<String> newName =
      words.parameter("NEW-NAME", String.class, "The name it gets.");

  MachineRenameCommand() {
    super("rename", "Give a machine that is off another name; its disks keep theirs.");
    words.examples("calco machine rename debian12 debian12-template");
  }

  @Override
  int run(MachineHost machines) throws IOException {
    machines.rename(machine(), newName.get());
    if (json()) {
      Json.print(out(), MachineCommand.json(machines.show(newName.get())));
    } else {
      say("%s is now %s".formatted(machine(), newName.get()));
    }
    return ExitCode.DONE;
  }
}
