package io.calco.cli;

import io.calco.engine.Generalisation;
import io.calco.engine.TemplateRequest;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.engine.Templates;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What creating and updating templates share.
final class TemplateFlags {
  @Option(names = "--in-place", description = "Generalise and seal the disk itself, where it is.")
  private boolean inPlace;

  @Option(
      names = "--dry-run",
      description = "Print every file that would be removed or changed, and change nothing.")
  private boolean dryRun;

  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  /// Makes a version of a template.
  interface Maker {
    Templates.Created make(TemplateRequest request, Progress progress) throws IOException;
  }

  /// Has a version made, or says what making it would do; the exit code.
  int run(CommandBase command, Path disk, GeneraliseFlags generalise, Maker maker)
      throws IOException {
    TemplateRequest request =
        new TemplateRequest(
            disk,
            source.options(),
            inPlace ? Placement.IN_PLACE : Placement.POOL_COPY,
            generalise.options());
    if (dryRun) {
      preview(command, request);
      return ExitCode.DONE;
    }
    Templates.Created created;
    try (Progress progress = command.progress()) {
      created = maker.make(request, progress);
    }
    report(command, created);
    return ExitCode.DONE;
  }

  private static void preview(CommandBase command, TemplateRequest request) throws IOException {
    Generalisation would =
        Generalisation.preview(request.source(), request.sourceOptions(), request.generalise());
    if (command.json()) {
      Json.print(command.out(), GeneralisationText.json(would));
    } else {
      GeneralisationText.printPreview(command.out(), would);
    }
  }

  private static void report(CommandBase command, Templates.Created created) {
    if (command.json()) {
      Json.print(
          command.out(),
          TemplateCommand.json(created.template())
              .put("generalised", GeneralisationText.json(created.generalisation())));
    } else if (!command.quiet()) {
      GeneralisationText.printSummary(command.out(), created.generalisation());
      TemplateCommand.print(command.out(), created.template());
    }
  }
}
