package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import java.io.IOException;
import java.nio.file.Path;

/// `calco template update`.
final class TemplateUpdateCommand extends HomeCommand {
  private final Value<String> name = words.parameter("NAME", String.class, "The template's name.");

  private final Value<Path> disk = words.parameter("DISK", Path.class, "The changed disk.");

  private final GeneraliseFlags generalise = new GeneraliseFlags(words);
  private final TemplateFlags flags = new TemplateFlags(words);

  TemplateUpdateCommand() {
    super(
        "update",
        "Make a template's next version from a changed disk.",
        "A clone of it that was brought up to date, say. Clones of earlier versions stay as "
            + "they are; new ones come from the new version.");
    words.examples("calco template update debian12 updated.qcow2");
  }

  @Override
  int run(Calco calco) throws IOException {
    return flags.run(
        this,
        disk.get(),
        generalise,
        (request, progress) -> calco.templates().update(name.get(), request, progress));
  }
}
