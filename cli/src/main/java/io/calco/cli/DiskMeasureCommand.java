package io.calco.cli;

import io.calco.disk.CreateOptions;
import io.calco.disk.ImageOptions;
import io.calco.disk.MeasuredSize;
import io.calco.engine.ImageChanges;
import io.calco.engine.OperationException;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk measure`.
@Command(
    name = "measure",
    description = "How large a new image file will be, before it is made.",
    footer = {
      "",
      "Examples:",
      "  calco disk measure -O qcow2 disk.img",
      "  calco disk measure -O qcow2 -o cluster_size=2M --size 1T"
    })
final class DiskMeasureCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Option(
      names = {"-O", "--target-format"},
      paramLabel = "FMT",
      defaultValue = "raw",
      description = "The new image's format (default: ${DEFAULT-VALUE}).")
  private String format = "raw";

  @Mixin private DiskCommand.FormatOptions options = new DiskCommand.FormatOptions();

  @Option(
      names = {"-l", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "The image as this internal snapshot left it.")
  private @Nullable String snapshot;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description = "The virtual size of an empty image, instead of FILE.")
  private @Nullable String size;

  @Parameters(arity = "0..1", paramLabel = "FILE", description = "The image to be converted.")
  private @Nullable Path file;

  @Override
  int run() throws IOException {
    MeasuredSize measured = measure();
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("required", measured.required())
              .put("fully-allocated", measured.fullyAllocated()));
    } else {
      out().println("required size: " + measured.required());
      out().println("fully allocated size: " + measured.fullyAllocated());
    }
    return ExitCode.DONE;
  }

  private MeasuredSize measure() throws IOException {
    if (file != null && size == null) {
      ImageOptions reading = source.options();
      CreateOptions layout = new CreateOptions(0, Optional.empty(), options.values());
      return ImageChanges.measure(
          file, snapshot == null ? reading : reading.withSnapshot(snapshot), format, layout);
    }
    if (size == null || file != null) {
      throw new OperationException(
          OperationException.Kind.USAGE, "either FILE or --size is needed, and not both");
    }
    return ImageChanges.measure(
        format, new CreateOptions(SizeChange.parseBytes(size), Optional.empty(), options.values()));
  }
}
