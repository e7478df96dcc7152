package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.TimeSpan;
import io.calco.engine.classroom.ClassReport;
import io.calco.engine.classroom.Classes;
import io.calco.engine.machine.Machines.Frozen;
import io.calco.engine.machine.Machines.Stop;
import java.io.IOException;

/// Commands that change what a class's machines do.
final class ClassStateCommand {
  private ClassStateCommand() {}

  /// `calco class start`.
  static final class Start extends ClassCommand.OnClass {
    private final Value<String> pace =
        words.option(
            "--pace",
            "TIME",
            String.class,
            "Time between one start and the next one: 5s, 1m (default: the class's).");

    Start() {
      super(
          "start",
          "Start the machines of a class that are off, in the order of their seats.",
          "Refused while a disk takes more than the class's quota.");
      words.examples("calco class start 2-ASIR", "calco class start 2-ASIR --pace 5s");
    }

    @Override
    int run(Classes classes) throws IOException {
      ClassReport report;
      try (Progress progress = progress()) {
        report = classes.start(name(), pace.optional().map(TimeSpan::parse), progress);
      }
      answer(report);
      return ExitCode.DONE;
    }
  }

  /// `calco class stop`.
  static final class StopMachines extends ClassCommand.OnClass {
    private final Flag force =
        words.flag("--force", "At once, as pulling the plug does; what was not saved is lost.");

    StopMachines() {
      super("stop", "Ask the machines of a class to shut down, which they do in their own time.");
      words.examples("calco class stop 2-ASIR", "calco class stop 2-ASIR --force");
    }

    @Override
    int run(Classes classes) throws IOException {
      answer(classes.stop(name(), force.given() ? Stop.FORCE : Stop.ASK));
      return ExitCode.DONE;
    }
  }

  /// `calco class freeze`.
  static final class Freeze extends ClassCommand.OnClass {
    Freeze() {
      super(
          "freeze",
          "From now on each machine begins as its disk is now, whoever starts it.",
          "What a guest writes goes beside the disk and is gone once its machine is off. The"
              + " machines are off.");
      words.examples("calco class freeze 2-ASIR");
    }

    @Override
    int run(Classes classes) throws IOException {
      answer(classes.freeze(name(), Frozen.FROZEN));
      return ExitCode.DONE;
    }
  }

  /// `calco class thaw`.
  static final class Thaw extends ClassCommand.OnClass {
    Thaw() {
      super("thaw", "From now on what guests write stays. The machines are off.");
      words.examples("calco class thaw 2-ASIR");
    }

    @Override
    int run(Classes classes) throws IOException {
      answer(classes.freeze(name(), Frozen.THAWED));
      return ExitCode.DONE;
    }
  }
}
