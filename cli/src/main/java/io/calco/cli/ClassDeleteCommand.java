package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.classroom.ClassReport;
import io.calco.engine.classroom.Classes;
import io.calco.engine.machine.CloneDeletion;
import java.io.IOException;

/// `calco class delete`.
final class ClassDeleteCommand extends ClassCommand.OnClass {
  private final Flag dryRun =
      words.flag("--dry-run", "Say what would be deleted, and delete nothing.");
  private final Confirmation confirmation = new Confirmation(words);

  ClassDeleteCommand() {
    super("delete", "Delete a class with its clones and their machines, which are off.");
    words.examples("calco class delete 2-ASIR --dry-run", "calco class delete 2-ASIR");
  }

  @Override
  int run(Classes classes) throws IOException {
    ClassReport report = classes.show(name());
    CloneDeletion deletion = classes.deletion(report.seats());
    if (!dryRun.given()) {
      confirmation.require(CloneDeleteCommand.question(deletion));
      classes.delete(name(), deletion);
    }
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("name", name())
              .put("deleted", !dryRun.given())
              .put("clones", report.names())
              .put("machines", deletion.undefined().stream().map(m -> m.name()).toList()));
    } else {
      String would = dryRun.given() ? "would be " : "";
      deletion.undefined().forEach(machine -> say(would + "deleted: machine " + machine.name()));
      report.names().forEach(clone -> say(would + "deleted: " + clone));
      say(would + "deleted: class " + name());
    }
    return ExitCode.DONE;
  }
}
