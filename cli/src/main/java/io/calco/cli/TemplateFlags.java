package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.Generalisation;
import io.calco.engine.TemplateRequest;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.engine.Templates;
import java.io.IOException;
import java.nio.file.Path;

/// What creating and updating templates share.
final class TemplateFlags {
  private final Flag inPlace;
  private final Flag dryRun;
  private final GuestSource source;
  private final Flag reencrypt;

  TemplateFlags(Syntax words) {
    inPlace = words.flag("--in-place", "Generalise and seal the disk itself, where it is.");
    dryRun =
        words.flag(
            "--dry-run", "Print every file that would be removed or changed, and change nothing.");
    source = new GuestSource(words);
    reencrypt =
        words.flag(
            "--luks-reencrypt",
            "Encrypt the template's copy of encrypted volumes anew, under another master key; only"
                + " the passphrases and keys that are given will open it.");
  }

  /// Makes a version of a template.
  interface Maker {
    Templates.Created make(TemplateRequest request, Progress progress) throws IOException;

    /// What making it would do.
    default Generalisation preview(TemplateRequest request) throws IOException {
      return Generalisation.preview(
          request.source(), request.sourceOptions(), request.generalise());
    }
  }

  /// Has a version made, or says what making it would do; the exit code.
  int run(CommandBase command, Path disk, GeneraliseFlags generalise, Maker maker)
      throws IOException {
    TemplateRequest request =
        new TemplateRequest(
            disk,
            source.options(),
            inPlace.given() ? Placement.IN_PLACE : Placement.POOL_COPY,
            generalise.options(),
            reencrypt.given() ? MasterKeys.RENEWED : MasterKeys.KEPT);
    if (dryRun.given()) {
      preview(command, maker.preview(request));
      return ExitCode.DONE;
    }
    Templates.Created created;
    try (Progress progress = command.progress()) {
      created = maker.make(request, progress);
    }
    report(command, created);
    return ExitCode.DONE;
  }

  private static void preview(CommandBase command, Generalisation would) {
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
