package io.calco.cli;

import io.calco.engine.DiskImages;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk resize`.
@Command(
    name = "resize",
    description = {
      "Change an image's virtual size.",
      "What is on the disk is not touched: partitions and file systems keep their sizes."
    },
    footer = {
      "",
      "Examples:",
      "  calco disk resize vm.qcow2 +10G",
      "  calco disk resize --shrink data.img 5G"
    })
final class DiskResizeCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Option(names = "--shrink", description = "Allow a smaller size: what lies beyond is lost.")
  private boolean shrink;

  @Parameters(index = "0", paramLabel = "FILE", description = "The image file.")
  private Path file = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "[+|-]SIZE",
      description = "The new size, or how much more or less.")
  private String size = "";

  @Override
  int run() throws IOException {
    long made =
        DiskImages.resize(
            file,
            source.options(),
            SizeChange.parse(size),
            shrink ? DiskImages.Shrink.ALLOW : DiskImages.Shrink.REFUSE);
    if (json()) {
      Json.print(out(), Json.object().put("filename", file).put("virtual-size", made));
    } else {
      say("%s: %s (%d bytes)".formatted(DiskCommand.name(file), Text.size(made), made));
    }
    return ExitCode.DONE;
  }
}
