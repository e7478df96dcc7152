package io.calco.cli;

import io.calco.engine.Calco;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `calco template update`.
@Command(
    name = "update",
    description = {
      "Make a template's next version from a changed disk.",
      "A clone of it that was brought up to date, say. Clones of earlier versions stay as "
          + "they are; new ones come from the new version."
    },
    footer = {"", "Example:", "  calco template update debian12 updated.qcow2"})
final class TemplateUpdateCommand extends HomeCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The template's name.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "DISK", description = "The changed disk.")
  private Path disk = Path.of("");

  @Mixin private GeneraliseFlags generalise = new GeneraliseFlags();
  @Mixin private TemplateFlags flags = new TemplateFlags();

  @Override
  int run(Calco calco) throws IOException {
    return flags.run(
        this,
        disk,
        generalise,
        (request, progress) -> calco.templates().update(name, request, progress));
  }
}
