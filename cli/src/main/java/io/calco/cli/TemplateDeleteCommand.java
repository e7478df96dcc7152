package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.Templates;
import io.calco.engine.Templates.Dependents;
import java.io.IOException;

/// `calco template delete`.
final class TemplateDeleteCommand extends HomeCommand {
  private final Value<String> name = words.parameter("NAME", String.class, "The template's name.");

  private final Flag flatten =
      words.flag("--flatten-children", "Make linked clones independent first.");
  private final Flag cascade = words.flag("--cascade", "Delete linked clones too.");

  private final Confirmation confirmation = new Confirmation(words);

  private final Flag dryRun =
      words.flag("--dry-run", "Say what would be deleted, and delete nothing.");

  TemplateDeleteCommand() {
    super(
        "delete",
        "Delete a template with all its versions.",
        "Refused while linked clones rest on it. A disk that was sealed in place stays, without "
            + "its seal; disks in the pool go.");
    words.oneOf(flatten, cascade);
    words.examples("calco template delete debian12 --flatten-children");
  }

  @Override
  int run(Calco calco) throws IOException {
    Dependents dependents =
        flatten.given()
            ? Dependents.FLATTEN
            : cascade.given() ? Dependents.DELETE : Dependents.REFUSE;
    Templates.Deletion deletion = calco.templates().previewDelete(name.get(), dependents);
    if (!dryRun.given()) {
      confirmation.require(question(deletion, dependents));
    }
    if (!dryRun.given()) {
      try (Progress progress = progress()) {
        calco.templates().delete(name.get(), dependents, progress);
      }
    }
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("name", name.get())
              .put("deleted", !dryRun.given())
              .put("disks", deletion.disks())
              .put("unsealed", deletion.unsealed())
              .put("linked-clones", deletion.linkedClones()));
    } else {
      String would = dryRun.given() ? "would be " : "";
      deletion.disks().forEach(disk -> say(would + "deleted: " + disk));
      deletion.unsealed().forEach(disk -> say(would + "unsealed, and stays: " + disk));
      deletion
          .linkedClones()
          .forEach(clone ->
              say(
                  would
                      + (dependents == Dependents.FLATTEN ? "independent: " : "deleted: ")
                      + clone));
    }
    return ExitCode.DONE;
  }

  private String question(Templates.Deletion deletion, Dependents dependents) {
    String clones =
        deletion.linkedClones().isEmpty()
            ? ""
            : " and "
                + (dependents == Dependents.FLATTEN ? "make independent" : "DELETE")
                + " its clones "
                + String.join(", ", deletion.linkedClones());
    return "Delete template %s (%s)%s?"
        .formatted(name.get(), Text.count(deletion.disks().size(), "version"), clones);
  }
}
