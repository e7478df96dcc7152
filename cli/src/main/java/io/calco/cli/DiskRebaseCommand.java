package io.calco.cli;

import io.calco.disk.BackingReference;
import io.calco.engine.ImageChanges;
import io.calco.engine.ImageChanges.RebaseMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk rebase`.
@Command(
    name = "rebase",
    description = {
      "Put an overlay on another backing image, or on none.",
      "The guest sees the same afterwards: what the backing images hold differently is copied into"
          + " the overlay first. With -u only the name is changed, for an image that was moved."
    },
    footer = {
      "",
      "Examples:",
      "  calco disk rebase -b base-v2.qcow2 -F qcow2 clone.qcow2",
      "  calco disk rebase -b \"\" clone.qcow2                   stands alone from now on",
      "  calco disk rebase -u -b /new/place/base.qcow2 -F qcow2 clone.qcow2"
    })
final class DiskRebaseCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Option(
      names = {"-b", "--backing"},
      required = true,
      paramLabel = "FILE",
      description = "The new backing image; \"\" for none.")
  private String backing = "";

  @Option(
      names = {"-F", "--backing-format"},
      paramLabel = "FMT",
      description = "Its format.")
  private @Nullable String backingFormat;

  @Option(
      names = {"-u", "--unsafe"},
      description = "Only change the name: the old and the new image are the same.")
  private boolean unsafe;

  @SuppressWarnings("UnusedVariable") // it has no effect
  @Mixin
  private DiskCommand.ProgressFlag progressFlag = new DiskCommand.ProgressFlag();

  @Parameters(paramLabel = "FILE", description = "The overlay.")
  private Path file = Path.of("");

  @Override
  int run() throws IOException {
    Optional<BackingReference> below =
        backing.isEmpty()
            ? Optional.empty()
            : Optional.of(new BackingReference(backing, Optional.ofNullable(backingFormat)));
    try (Progress progress = progress()) {
      ImageChanges.rebase(
          file, source.options(), below, unsafe ? RebaseMode.UNSAFE : RebaseMode.SAFE, progress);
    }
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("filename", file)
              .put("backing-filename", below.map(BackingReference::name)));
    } else {
      say(
          DiskCommand.name(file)
              + (below.isEmpty() ? " stands alone now." : " rests on " + backing + " now."));
    }
    return ExitCode.DONE;
  }
}
