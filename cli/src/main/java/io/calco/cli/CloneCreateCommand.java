package io.calco.cli;

import io.calco.catalog.Clone;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.CloneRequest;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.NamePattern;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco clone create`.
@Command(
    name = "create",
    description = {
      "Make clones of a template: all that are named, or none.",
      "Each gets its own host name and SSH host keys now, and its own machine-id; nothing "
          + "needs to boot."
    },
    footer = {
      "",
      "Examples:",
      "  calco clone create debian12 web1 web2",
      "  calco clone create debian12 aula-{01..30} --authorized-key ~/.ssh/id_ed25519.pub",
      "  calco clone create debian12 db --full --size 20G --admin ana --firstboot setup.sh"
    })
final class CloneCreateCommand extends HomeCommand {
  @Parameters(index = "0", paramLabel = "TEMPLATE", description = "The template's name.")
  private String template = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "NAME",
      description = "Names of clones; aula-{01..30} means thirty.")
  private List<String> names = new ArrayList<>();

  @ArgGroup private KindFlags kind = new KindFlags();

  /// Linked or full.
  @SuppressWarnings("UnusedVariable") // linked is the default
  static final class KindFlags {
    @Option(
        names = "--linked",
        description = "Overlays on the template's disk, which they need (the default).")
    private boolean linked;

    @Option(names = "--full", description = "Independent copies.")
    private boolean full;
  }

  @Option(
      names = "--template-version",
      paramLabel = "N",
      description = "From this version of the template (default: the newest).")
  private @Nullable Integer version;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description =
          "Virtual size, at least the template's; a larger one grows the last partition and its"
              + " file system.")
  private @Nullable String size;

  @Option(
      names = "--output-dir",
      paramLabel = "DIR",
      description = "Where the disks go (default: Calco's pool).")
  private @Nullable Path directory;

  @Option(
      names = "--backing-path",
      paramLabel = "HOW",
      defaultValue = "relative",
      description =
          "How a linked clone names the template's disk: ${COMPLETION-CANDIDATES}"
              + " (default: ${DEFAULT-VALUE}).")
  private PathStyle backingPath = PathStyle.relative;

  @Mixin private PersonaliseFlags personalise = new PersonaliseFlags();

  /// What `--backing-path` takes.
  enum PathStyle {
    relative,
    absolute
  }

  @Override
  int run(Calco calco) throws IOException {
    CloneRequest request =
        new CloneRequest(
            template,
            Optional.ofNullable(version),
            NamePattern.expand(names),
            kind.full ? Clone.Kind.FULL : Clone.Kind.LINKED,
            size == null ? OptionalLong.empty() : OptionalLong.of(SizeChange.parseBytes(size)),
            Optional.ofNullable(directory),
            backingPath == PathStyle.absolute ? BackingPath.ABSOLUTE : BackingPath.RELATIVE,
            personalise.personalisation());
    List<CloneReport> made;
    try (Progress progress = progress()) {
      made = calco.clones().create(request, progress);
    }
    if (json()) {
      Json.print(out(), made.stream().map(CloneCommand::json).toList());
    } else if (!quiet()) {
      Table table = new Table("NAME", "KIND", "ON DISK", "HOST KEY", "DISK");
      for (CloneReport clone : made) {
        table.add(
            clone.facts().name(),
            CloneCommand.kind(clone.facts()),
            Text.size(clone.allocatedSize()),
            CloneCommand.firstFingerprint(clone.facts()).orElse("-"),
            clone.facts().disk());
      }
      table.print(out());
    }
    return ExitCode.DONE;
  }
}
