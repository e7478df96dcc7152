package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.Calco;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.MachineWatch;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CancellationException;

/// `calco machine list`.
final class MachineListCommand extends MachineCommand.OnHost {
  private final Flag watch =
      words.flag(
          "-w, --watch",
          "Go on and tell what happens to them, as libvirt tells it, until Ctrl-C: in the table on a"
              + " terminal, elsewhere a line for each event.");

  MachineListCommand() {
    super(
        "list",
        "All machines, running or not, and which of the catalogue's templates and clones they run.");
    words.examples(
        "calco machine list",
        "calco machine list --connect qemu:///session",
        "calco machine list --connect qemu+ssh://ana@server/system",
        "calco machine list --watch --output json");
  }

  @Override
  int run(Calco calco) throws IOException {
    if (!watch.given()) {
      return super.run(calco);
    }
    try (Progress progress = progress();
        MachineWatching watching = new MachineWatching(out(), style(), this::say)) {
      new MachineWatch(hosts(calco), watching, progress).run();
    } catch (CancellationException asked) {
      return ExitCode.DONE; // it is how this ends
    }
    return ExitCode.DONE;
  }

  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  private MachineWatching.Style style() {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    return json()
        ? MachineWatching.Style.JSON
        : terminal ? MachineWatching.Style.TABLE : MachineWatching.Style.LINES;
  }

  @Override
  int run(MachineHost machines) throws IOException {
    List<MachineReport> all = machines.list();
    if (json()) {
      Json.print(out(), all.stream().map(MachineCommand::json).toList());
    } else if (all.isEmpty()) {
      say("No machines yet. Make one: calco machine define DISK --name NAME");
    } else {
      print(all, out());
    }
    return ExitCode.DONE;
  }

  static void print(List<MachineReport> machines, PrintStream out) {
    Table table = new Table("NAME", "STATE", "TYPE", "MEMORY", "CPUS", "CATALOGUE", "DISK");
    for (MachineReport machine : machines) {
      table.add(
          machine.name(),
          machine.state().label(),
          machine.type(),
          Text.size(machine.memory()),
          machine.processors(),
          MachineCommand.owners(machine),
          machine.disks().stream()
              .flatMap(disk -> disk.facts().file().stream())
              .findFirst()
              .map(Object::toString)
              .orElse("-"));
    }
    table.print(out);
  }
}
