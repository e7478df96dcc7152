package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.MachineRequest;
import java.io.IOException;
import java.nio.file.Path;

/// `calco machine define`.
final class MachineDefineCommand extends MachineCommand.OnHost {
  private final Value<Path> disk =
      words.parameter("DISK", Path.class, "A disk that has a system in it; it stays where it is.");
  private final Value<String> name =
      words.requiredOption("--name", "NAME", String.class, "The machine's name.");
  private final Value<String> format =
      words.option(
          "-f, --format", "FORMAT", String.class, "The disk's format (default: found out).");
  private final MachineFlags flags = new MachineFlags(words);
  private final Flag start = words.flag("--start", "Start it at once.");

  MachineDefineCommand() {
    super(
        "define",
        "Make a machine for a disk, as virt-install --import does, or as virt-clone does with"
            + " --like.",
        "A clone's machine gets the same UUID and network address however often it is made.");
    words.examples(
        "calco machine define vm.qcow2 --name vm --memory 2G --cpus 2",
        "calco machine define web2.qcow2 --name web2 --like web1 --start");
  }

  @Override
  int run(MachineHost machines) throws IOException {
    MachineRequest request = flags.request();
    MachineReport made;
    try (Progress progress = progress()) {
      made = machines.define(name.get(), disk.get(), format.optional(), request, progress);
    }
    if (start.given()) {
      machines.start(name.get());
      made = machines.show(name.get());
    }
    if (json()) {
      Json.print(out(), MachineCommand.json(made));
    } else {
      say(
          "%s: %s, %s, %s"
              .formatted(
                  made.name(),
                  made.state().label(),
                  Text.size(made.memory()),
                  Text.count(made.processors(), "processor")));
    }
    return ExitCode.DONE;
  }
}
