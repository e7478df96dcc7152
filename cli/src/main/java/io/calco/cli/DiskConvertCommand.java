package io.calco.cli;

import io.calco.disk.BackingReference;
import io.calco.disk.ImageOptions;
import io.calco.engine.DiskImages;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk convert`.
@Command(
    name = "convert",
    description = {
      "Copy an image to another format.",
      "Holes stay holes; runs of zeroes become holes. The target appears when it is complete; "
          + "a file of that name is replaced then."
    },
    footer = {
      "",
      "Examples:",
      "  calco disk convert -O qcow2 disk.img disk.qcow2",
      "  calco disk convert -O qcow2 -c -o compression_type=zstd disk.img small.qcow2",
      "  calco disk convert -f qcow2 -O raw -l before-update vm.qcow2 old.img"
    })
final class DiskConvertCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Option(
      names = {"-O", "--target-format"},
      paramLabel = "FMT",
      defaultValue = "raw",
      description = "The target's format (default: ${DEFAULT-VALUE}).")
  private String format = "raw";

  @Mixin private DiskCommand.FormatOptions options = new DiskCommand.FormatOptions();

  @Option(
      names = {"-B", "--target-backing"},
      paramLabel = "FILE",
      description = "Write an overlay on this image, which holds what the source's backing holds.")
  private @Nullable String backing;

  @Option(
      names = {"-F", "--target-backing-format"},
      paramLabel = "FMT",
      description = "The format of -B's image.")
  private @Nullable String backingFormat;

  @Option(
      names = {"-c", "--compress"},
      description = "Compress, on all processors.")
  private boolean compress;

  @Option(
      names = {"-l", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "Read the source as this internal snapshot left it.")
  private @Nullable String snapshot;

  @Option(
      names = {"-S", "--sparse-size"},
      paramLabel = "SIZE",
      defaultValue = "4k",
      description =
          "Shortest run of zeroes that becomes a hole; 0 writes them all (default: ${DEFAULT-VALUE}).")
  private String sparse = "4k";

  @Option(
      names = {"-m", "--threads"},
      paramLabel = "N",
      description = "Threads that work side by side, 1 to 64 (default: one per processor).")
  private @Nullable Integer threads;

  @Option(
      names = {"-n", "--no-create"},
      description = "Write into the target as it is: a device, or an image made before.")
  private boolean existing;

  @Option(
      names = {"-t", "--cache"},
      paramLabel = "MODE",
      defaultValue = "unsafe",
      description =
          "unsafe returns when the system has all bytes; any other mode of qemu-img's"
              + " returns when they are on the medium (default: ${DEFAULT-VALUE}).")
  private String cache = "unsafe";

  @SuppressWarnings("UnusedVariable") // it has no effect
  @Mixin
  private DiskCommand.ProgressFlag progressFlag = new DiskCommand.ProgressFlag();

  @SuppressWarnings("UnusedVariable") // it has no effect
  @Mixin
  private DiskCommand.OrderFlag orderFlag = new DiskCommand.OrderFlag();

  @Parameters(index = "0", paramLabel = "SOURCE", description = "The image to read.")
  private Path from = Path.of("");

  @Parameters(index = "1", paramLabel = "TARGET", description = "The image to write.")
  private Path to = Path.of("");

  @Override
  int run() throws IOException {
    DiskImages.Conversion how =
        new DiskImages.Conversion(
            format,
            Optional.ofNullable(backing)
                .map(name -> new BackingReference(name, Optional.ofNullable(backingFormat))),
            options.values(),
            compress,
            Optional.ofNullable(threads),
            Math.toIntExact(Math.min(SizeChange.parseBytes(sparse), 1 << 20)),
            existing,
            !cache.equals("unsafe"));
    ImageOptions reading = source.options();
    if (snapshot != null) {
      reading = reading.withSnapshot(snapshot.replaceFirst("^snapshot\\.(id|name)=", ""));
    }
    try (Progress progress = progress()) {
      DiskImages.convert(from, reading, to, how, progress);
    }
    return ExitCode.DONE;
  }
}
