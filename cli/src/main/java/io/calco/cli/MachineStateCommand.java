package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.NamePattern;
import io.calco.engine.TimeSpan;
import io.calco.engine.machine.MachineEnds;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.Machines.Stop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A command on machines that are named.
abstract class MachineStateCommand extends MachineCommand.OnHost {
  private final Values<String> patterns =
      words.parameters(1, "MACHINE", String.class, "Machines' names; aula-{01..30} means thirty.");

  MachineStateCommand(String name, String... description) {
    super(name, description);
  }

  final List<String> names() {
    return NamePattern.expand(patterns.all());
  }

  /// Says how they are now.
  final void answer(MachineHost machines, String remark) throws IOException {
    List<MachineReport> reports = new ArrayList<>();
    for (String name : names()) {
      reports.add(machines.show(name));
    }
    if (json()) {
      Json.print(out(), reports.stream().map(MachineCommand::json).toList());
    } else {
      reports.forEach(machine ->
          say(machine.name() + ": " + (remark.isEmpty() ? machine.state().label() : remark)));
    }
  }

  /// `calco machine start`.
  static final class Start extends MachineStateCommand {
    Start() {
      super("start", "Start machines.");
      words.examples("calco machine start web1", "calco machine start aula-{01..30}");
    }

    @Override
    int run(MachineHost machines) throws IOException {
      for (String name : names()) {
        machines.start(name);
      }
      answer(machines, "");
      return ExitCode.DONE;
    }
  }

  /// `calco machine stop`.
  static final class StopMachines extends MachineStateCommand {
    private final Flag force =
        words.flag("--force", "At once, as pulling the plug does; what was not saved is lost.");

    private final Flag wait = words.flag("--wait", "Wait until they are off.");
    private final Value<String> timeout =
        words.option(
            "--timeout",
            "TIME",
            String.class,
            "2m",
            "How long to wait, such as 90s, 5m (default: 2m).");

    StopMachines() {
      super("stop", "Ask machines to shut themselves down, which they do in their own time.");
      words.exitCodes("0:they are asked, or off", "1:time was up, and some are still on");
      words.examples(
          "calco machine stop web1",
          "calco machine stop aula-{01..30} --wait --timeout 5m",
          "calco machine stop aula-{01..30} --force");
    }

    @Override
    int run(MachineHost machines) throws IOException {
      Duration patience = TimeSpan.parse(timeout.get());
      for (String name : names()) {
        machines.stop(name, force.given() ? Stop.FORCE : Stop.ASK);
      }
      List<String> running = List.of();
      if (wait.given()) {
        try (Progress progress = progress()) {
          running = MachineEnds.await(machines, names(), patience, progress);
        }
      }
      answer(machines, force.given() || wait.given() ? "" : "asked to shut down");
      return running.isEmpty() ? ExitCode.DONE : ExitCode.NO;
    }
  }
}
