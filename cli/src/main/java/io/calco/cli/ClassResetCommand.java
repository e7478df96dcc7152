package io.calco.cli;

import io.calco.engine.classroom.Classes;
import io.calco.engine.machine.MachineReset;
import java.io.IOException;

/// `calco class reset`.
final class ClassResetCommand extends ClassCommand.OnClass {
  private final ResetFlags flags = new ResetFlags(words);

  ClassResetCommand() {
    super(
        "reset",
        "Take all clones of a class back to their first state, as calco clone reset does.",
        "Refused while a machine runs, but with --stop.");
    words.examples("calco class reset 2-ASIR --yes", "calco class reset 2-ASIR --stop --dry-run");
  }

  @Override
  int run(Classes classes) throws IOException {
    MachineReset reset;
    try (Progress progress = progress()) {
      reset = classes.reset(name(), flags.running(), progress);
    }
    return flags.carryOut(this, reset, classes.show(name()).facts().pace());
  }
}
