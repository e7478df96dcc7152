package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.CloneDeltas.Delta;
import io.calco.engine.classroom.Classes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `calco class collect`.
final class ClassCollectCommand extends ClassCommand.OnClass {
  private final Value<Path> directory =
      words.parameter("DIR", Path.class, "Gets a file NAME.qcow2 of each seat.");

  ClassCollectCommand() {
    super(
        "collect",
        "Write what each clone of a class holds beyond the template, as calco clone export-delta does.",
        "The machines are off.");
    words.examples("calco class collect 2-ASIR /srv/collected/november");
  }

  @Override
  int run(Classes classes) throws IOException {
    List<Delta> deltas;
    try (Progress progress = progress()) {
      deltas = classes.collect(name(), directory.get(), progress);
    }
    CloneExportDeltaCommand.answer(this, deltas);
    return ExitCode.DONE;
  }
}
