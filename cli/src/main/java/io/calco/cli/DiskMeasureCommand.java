package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.disk.CreateOptions;
import io.calco.disk.ImageOptions;
import io.calco.disk.MeasuredSize;
import io.calco.engine.ImageChanges;
import io.calco.engine.OperationException;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// `calco disk measure`.
final class DiskMeasureCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Value<String> format =
      words.option(
          "-O, --target-format",
          "FMT",
          String.class,
          "raw",
          "The new image's format (default: ${DEFAULT-VALUE}).");

  private final DiskCommand.FormatOptions options = new DiskCommand.FormatOptions(words);

  private final Value<String> snapshot =
      words.option(
          "-l, --snapshot",
          "SNAPSHOT",
          String.class,
          "The image as this internal snapshot left it.");

  private final Value<String> size =
      words.option(
          "--size", "SIZE", String.class, "The virtual size of an empty image, instead of FILE.");

  private final Value<Path> file =
      words.optionalParameter("FILE", Path.class, "The image to be converted.");

  DiskMeasureCommand() {
    super("measure", "How large a new image file will be, before it is made.");
    words.examples(
        "calco disk measure -O qcow2 disk.img",
        "calco disk measure -O qcow2 -o cluster_size=2M --size 1T");
  }

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
    if (file.given() && !size.given()) {
      ImageOptions reading = source.options();
      CreateOptions layout = new CreateOptions(0, Optional.empty(), options.values());
      return ImageChanges.measure(
          file.get(),
          snapshot.given() ? reading.withSnapshot(snapshot.get()) : reading,
          format.get(),
          layout);
    }
    if (!size.given() || file.given()) {
      throw new OperationException(
          OperationException.Kind.USAGE, "either FILE or --size is needed, and not both");
    }
    return ImageChanges.measure(
        format.get(),
        new CreateOptions(SizeChange.parseBytes(size.get()), Optional.empty(), options.values()));
  }
}
