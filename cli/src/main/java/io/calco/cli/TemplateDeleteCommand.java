package io.calco.cli;

import io.calco.engine.Calco;
import io.calco.engine.Templates;
import io.calco.engine.Templates.Dependents;
import java.io.IOException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco template delete`.
@Command(
    name = "delete",
    description = {
      "Delete a template with all its versions.",
      "Refused while linked clones rest on it. A disk that was sealed in place stays, without "
          + "its seal; disks in the pool go."
    },
    footer = {"", "Example:", "  calco template delete debian12 --flatten-children"})
final class TemplateDeleteCommand extends HomeCommand {
  @Parameters(paramLabel = "NAME", description = "The template's name.")
  private String name = "";

  @ArgGroup private Children children = new Children();

  @Mixin private Confirmation confirmation = new Confirmation();

  @Option(names = "--dry-run", description = "Say what would be deleted, and delete nothing.")
  private boolean dryRun;

  /// What becomes of linked clones.
  static final class Children {
    @Option(names = "--flatten-children", description = "Make linked clones independent first.")
    private boolean flatten;

    @Option(names = "--cascade", description = "Delete linked clones too.")
    private boolean cascade;
  }

  @Override
  int run(Calco calco) throws IOException {
    Dependents dependents =
        children.flatten
            ? Dependents.FLATTEN
            : children.cascade ? Dependents.DELETE : Dependents.REFUSE;
    Templates.Deletion deletion = calco.templates().previewDelete(name, dependents);
    if (!dryRun) {
      confirmation.require(question(deletion, dependents));
    }
    if (!dryRun) {
      try (Progress progress = progress()) {
        calco.templates().delete(name, dependents, progress);
      }
    }
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("name", name)
              .put("deleted", !dryRun)
              .put("disks", deletion.disks())
              .put("unsealed", deletion.unsealed())
              .put("linked-clones", deletion.linkedClones()));
    } else {
      String would = dryRun ? "would be " : "";
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
        .formatted(name, Text.count(deletion.disks().size(), "version"), clones);
  }
}
