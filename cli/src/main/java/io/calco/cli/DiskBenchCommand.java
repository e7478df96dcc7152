package io.calco.cli;

import io.calco.engine.ImageBench;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk bench`.
@Command(
    name = "bench",
    description = "Read or write an image many times, and tell how fast that went.",
    footer = {
      "",
      "Examples:",
      "  calco disk bench --random vm.qcow2",
      "  calco disk bench -w -c 1000 -s 64k scratch.qcow2"
    })
final class DiskBenchCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Option(
      names = {"-c", "--count"},
      paramLabel = "N",
      defaultValue = "75000",
      description = "Requests (default: ${DEFAULT-VALUE}).")
  private long count;

  @Option(
      names = {"-d", "--depth"},
      paramLabel = "N",
      defaultValue = "2",
      description = "Requests under way at once, each in a thread (default: ${DEFAULT-VALUE}).")
  private int depth;

  @Option(
      names = {"-s", "--size"},
      paramLabel = "SIZE",
      defaultValue = "4k",
      description = "Bytes in each (default: ${DEFAULT-VALUE}).")
  private String size = "4k";

  @Option(
      names = {"-o", "--offset"},
      paramLabel = "SIZE",
      defaultValue = "0",
      description = "Where the first goes (default: ${DEFAULT-VALUE}).")
  private String offset = "0";

  @Option(
      names = {"-S", "--step"},
      paramLabel = "SIZE",
      defaultValue = "0",
      description = "Bytes from one to the next (default: the size of one).")
  private String step = "0";

  @Option(names = "--random", description = "Anywhere, instead of one after the other.")
  private boolean random;

  @Option(
      names = {"-w", "--write"},
      description = "Write instead of read: the image's content is lost.")
  private boolean write;

  @Option(
      names = "--pattern",
      paramLabel = "BYTE",
      defaultValue = "0",
      description = "The byte to write, 0 to 255 (default: ${DEFAULT-VALUE}).")
  private int pattern;

  @Option(
      names = "--flush-interval",
      paramLabel = "N",
      defaultValue = "0",
      description = "Writes between two flushes to the medium (default: none).")
  private long flushEvery;

  @Parameters(paramLabel = "FILE", description = "The image file.")
  private Path file = Path.of("");

  @Override
  int run() throws IOException {
    ImageBench.Plan plan =
        new ImageBench.Plan(
            write ? ImageBench.Work.WRITE : ImageBench.Work.READ,
            random ? ImageBench.Order.RANDOM : ImageBench.Order.SEQUENTIAL,
            count,
            Math.clamp(SizeChange.parseBytes(size), 0, Integer.MAX_VALUE),
            SizeChange.parseBytes(offset),
            SizeChange.parseBytes(step),
            depth,
            pattern,
            flushEvery);
    ImageBench.Result result;
    try (Progress progress = progress()) {
      result = ImageBench.run(file, source.options(), plan, progress);
    }
    double seconds = result.took().toNanos() / 1e9;
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("seconds", seconds)
              .put("requests", result.requests())
              .put("bytes", result.bytes())
              .put("requests-per-second", result.requestsPerSecond())
              .put("bytes-per-second", result.bytesPerSecond()));
    } else {
      out().printf("Run completed in %.3f seconds.%n", seconds);
      out()
          .printf(
              "%.0f requests and %s a second.%n",
              result.requestsPerSecond(), Text.size((long) result.bytesPerSecond()));
    }
    return ExitCode.DONE;
  }
}
