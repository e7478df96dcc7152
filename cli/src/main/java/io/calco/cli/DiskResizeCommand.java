package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.DiskImages;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;

/// `calco disk resize`.
final class DiskResizeCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Flag shrink =
      words.flag("--shrink", "Allow a smaller size: what lies beyond is lost.");

  private final Value<Preallocation> preallocation =
      words.option(
          "--preallocation",
          "MODE",
          Preallocation.class,
          "off",
          "off: what is added takes space when it is written; falloc, full: at once, filled with"
              + " zeroes (default: ${DEFAULT-VALUE}).");

  /// What `--preallocation` takes.
  enum Preallocation {
    off,
    falloc,
    full
  }

  private final Value<Path> file = words.parameter("FILE", Path.class, "The image file.");

  private final Value<String> size =
      words.parameter("[+|-]SIZE", String.class, "The new size, or how much more or less.");

  DiskResizeCommand() {
    super(
        "resize",
        "Change an image's virtual size.",
        "What is on the disk is not touched: partitions and file systems keep their sizes.");
    words.examples("calco disk resize vm.qcow2 +10G", "calco disk resize --shrink data.img 5G");
  }

  @Override
  int run() throws IOException {
    long made;
    try (Progress progress = progress()) {
      made =
          DiskImages.resize(
              file.get(),
              source.options(),
              SizeChange.parse(size.get()),
              shrink.given() ? DiskImages.Shrink.ALLOW : DiskImages.Shrink.REFUSE,
              preallocation.get() == Preallocation.off
                  ? DiskImages.Added.HOLE
                  : DiskImages.Added.WRITTEN,
              progress);
    }
    if (json()) {
      Json.print(out(), Json.object().put("filename", file.get()).put("virtual-size", made));
    } else {
      say("%s: %s (%d bytes)".formatted(DiskCommand.name(file.get()), Text.size(made), made));
    }
    return ExitCode.DONE;
  }
}
