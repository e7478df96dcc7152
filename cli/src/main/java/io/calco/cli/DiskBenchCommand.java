package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.ImageBench;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;

/// `calco disk bench`.
final class DiskBenchCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Value<Long> count =
      words.option(
          "-c, --count", "N", Long.class, "75000", "Requests (default: ${DEFAULT-VALUE}).");

  private final Value<Integer> depth =
      words.option(
          "-d, --depth",
          "N",
          Integer.class,
          "2",
          "Requests under way at once, each in a thread (default: ${DEFAULT-VALUE}).");

  private final Value<String> size =
      words.option(
          "-s, --size", "SIZE", String.class, "4k", "Bytes in each (default: ${DEFAULT-VALUE}).");

  private final Value<String> offset =
      words.option(
          "-o, --offset",
          "SIZE",
          String.class,
          "0",
          "Where the first goes (default: ${DEFAULT-VALUE}).");

  private final Value<String> step =
      words.option(
          "-S, --step",
          "SIZE",
          String.class,
          "0",
          "Bytes from one to the next (default: the size of one).");

  private final Flag random = words.flag("--random", "Anywhere, instead of one after the other.");

  private final Flag write =
      words.flag("-w, --write", "Write instead of read: the image's content is lost.");

  private final Value<Integer> pattern =
      words.option(
          "--pattern",
          "BYTE",
          Integer.class,
          "0",
          "The byte to write, 0 to 255 (default: ${DEFAULT-VALUE}).");

  private final Value<Long> flushEvery =
      words.option(
          "--flush-interval",
          "N",
          Long.class,
          "0",
          "Writes between two flushes to the medium (default: none).");

  private final Value<Path> file = words.parameter("FILE", Path.class, "The image file.");

  DiskBenchCommand() {
    super("bench", "Read or write an image many times, and tell how fast that went.");
    DiskCommand.acceptCache(words);
    words.examples(
        "calco disk bench --random vm.qcow2", "calco disk bench -w -c 1000 -s 64k scratch.qcow2");
  }

  @Override
  int run() throws IOException {
    ImageBench.Plan plan =
        new ImageBench.Plan(
            write.given() ? ImageBench.Work.WRITE : ImageBench.Work.READ,
            random.given() ? ImageBench.Order.RANDOM : ImageBench.Order.SEQUENTIAL,
            count.get(),
            Math.clamp(SizeChange.parseBytes(size.get()), 0, Integer.MAX_VALUE),
            SizeChange.parseBytes(offset.get()),
            SizeChange.parseBytes(step.get()),
            depth.get(),
            pattern.get(),
            flushEvery.get());
    ImageBench.Result result;
    try (Progress progress = progress()) {
      result = ImageBench.run(file.get(), source.options(), plan, progress);
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
