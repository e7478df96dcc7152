package io.calco.cli;

import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.CloneDeltas;
import io.calco.engine.CloneDeltas.Delta;
import io.calco.engine.audit.Actor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `calco clone export-delta`.
final class CloneExportDeltaCommand extends HomeCommand {
  private final Values<String> given =
      words.parameters(
          2,
          "NAME… DIR",
          String.class,
          "Linked clones' names, aula-{01..30} and 'aula-*' mean many; and the directory that gets a"
              + " file NAME.qcow2 of each.");

  CloneExportDeltaCommand() {
    super(
        "export-delta",
        "Write what linked clones hold beyond their template: an overlay that any program opens where"
            + " the template's disk is.",
        "Their machines are off. The files hold the machines' private host keys.");
    words.examples(
        "calco clone export-delta aula-07 /srv/collected",
        "calco clone export-delta 'aula-*' /srv/collected");
  }

  @Override
  int run(Calco calco) throws IOException {
    List<String> all = given.all();
    Path directory = Path.of(all.getLast());
    List<String> names = CloneCommand.names(calco, all.subList(0, all.size() - 1));
    CloneDeltas deltas = calco.deltas(Actor.command());
    deltas.requireExportable(names, directory);
    List<Delta> done = new ArrayList<>();
    try (Progress progress = progress()) {
      for (String name : names) {
        done.add(deltas.export(name, directory, progress));
      }
    }
    answer(this, done);
    return ExitCode.DONE;
  }

  static void answer(CommandBase command, List<Delta> deltas) {
    if (command.json()) {
      Json.print(
          command.out(),
          deltas.stream()
              .map(delta ->
                  Json.object()
                      .put("name", delta.ofClone())
                      .put("file", delta.file())
                      .put("actual-size", delta.size()))
              .toList());
    } else {
      deltas.forEach(
          delta -> command.say("%s: %s".formatted(delta.file(), Text.size(delta.size()))));
    }
  }
}
