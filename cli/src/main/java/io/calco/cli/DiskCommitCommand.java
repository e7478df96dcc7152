package io.calco.cli;

import io.calco.disk.Commit;
import io.calco.engine.ImageChanges;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk commit`.
@Command(
    name = "commit",
    description = {
      "Write an overlay's data into its backing image, and empty the overlay.",
      "Every other image that rests on the backing image is broken by this."
    },
    footer = {"", "Example:", "  calco disk commit try-out.qcow2"})
final class DiskCommitCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Option(
      names = {"-d", "--keep-overlay"},
      description = "Leave the overlay's data in it, too.")
  private boolean keep;

  @SuppressWarnings("UnusedVariable") // it has no effect
  @Mixin
  private DiskCommand.ProgressFlag progressFlag = new DiskCommand.ProgressFlag();

  @Parameters(paramLabel = "FILE", description = "The overlay.")
  private Path file = Path.of("");

  @Override
  int run() throws IOException {
    Path base;
    try (Progress progress = progress()) {
      base =
          ImageChanges.commit(
              file,
              source.options(),
              keep ? Commit.Overlay.KEPT : Commit.Overlay.EMPTIED,
              progress);
    }
    if (json()) {
      Json.print(out(), Json.object().put("filename", file).put("committed-to", base));
    } else {
      say("%s was written into %s.".formatted(DiskCommand.name(file), DiskCommand.name(base)));
    }
    return ExitCode.DONE;
  }
}
