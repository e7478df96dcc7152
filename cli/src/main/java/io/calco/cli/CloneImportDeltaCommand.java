package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.audit.Actor;
import io.calco.engine.machine.MachineReset;
import io.calco.engine.machine.Machines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `calco clone import-delta`.
final class CloneImportDeltaCommand extends HomeCommand {
  private final Value<String> name = words.parameter("NAME", String.class, "The clone's name.");
  private final Value<Path> file =
      words.parameter("FILE", Path.class, "What calco clone export-delta wrote.");
  private final Confirmation confirmation = new Confirmation(words);
  private final MachineCommand.Connect connect = new MachineCommand.Connect(words);

  CloneImportDeltaCommand() {
    super(
        "import-delta",
        "Make a delta that was exported a clone's disk again, in place of what that holds now.",
        "It must rest on the same version of the template; the machine is off.");
    words.examples("calco clone import-delta aula-07 /srv/collected/aula-07.qcow2");
  }

  @Override
  int run(Calco calco) throws IOException {
    confirmation.require(
        "Give %s the disk of %s? All that it holds now is lost.".formatted(name.get(), file.get()));
    CloneReport clone;
    try (@Nullable Machines machines = connect.find(calco).orElse(null);
        Progress progress = progress()) {
      clone =
          MachineReset.toDelta(
              calco,
              Optional.ofNullable(machines),
              Actor.command(),
              name.get(),
              file.get(),
              progress);
    }
    if (json()) {
      Json.print(out(), CloneCommand.json(clone));
    } else {
      say("%s: as in %s".formatted(name.get(), file.get()));
    }
    return ExitCode.DONE;
  }
}
