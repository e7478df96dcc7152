package io.calco.cli;

import io.calco.engine.Calco;
import io.calco.engine.audit.Actor;
import io.calco.engine.machine.MachineReset;
import io.calco.engine.machine.Machines;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `calco clone reset`.
final class CloneResetCommand extends CloneCommand.OnClones {
  private final ResetFlags flags = new ResetFlags(words);
  private final MachineCommand.Connect connect = new MachineCommand.Connect(words);

  CloneResetCommand() {
    super(
        "reset",
        "Take clones back to their first state: the same machines (name, keys, disks' names),"
            + " without all that they have done since.",
        "Each is as it was or as it was first, whatever happens. Refused while a machine runs, but"
            + " with --stop.");
    words.examples(
        "calco clone reset aula-{01..30} --yes",
        "calco clone reset 'aula-*' --stop",
        "calco clone reset 'aula-*' --dry-run");
  }

  @Override
  int run(Calco calco) throws IOException {
    List<String> names = names(calco);
    try (@Nullable Machines machines = connect.find(calco).orElse(null);
        Progress progress = progress()) {
      MachineReset reset =
          MachineReset.plan(
              calco,
              Optional.ofNullable(machines),
              Actor.command(),
              names,
              flags.running(),
              progress);
      return flags.carryOut(this, reset, Duration.ZERO);
    }
  }
}
