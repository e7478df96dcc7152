package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.disk.MapEntry;
import io.calco.engine.DiskImages;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/// `calco disk map`.
final class DiskMapCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Value<String> from =
      words.option(
          "-s, --start-offset",
          "OFFSET",
          String.class,
          "0",
          "The first guest byte to tell of (default: ${DEFAULT-VALUE}).");

  private final Value<String> most =
      words.option(
          "-l, --max-length", "LENGTH", String.class, "How many bytes to tell of, such as 1G.");

  private final Value<Path> file = words.parameter("FILE", Path.class, "The image file.");

  DiskMapCommand() {
    super("map", "Where each run of the guest's bytes lies, in the image and below it.");
    words.examples(
        "calco disk map --output json clone.qcow2",
        "calco disk map --start-offset 1M --max-length 64M clone.qcow2");
  }

  @Override
  int run() throws IOException {
    PrintStream out = out();
    long start = SizeChange.parseBytes(from.get());
    long length = most.given() ? SizeChange.parseBytes(most.get()) : Long.MAX_VALUE;
    if (json()) {
      StringBuilder before =
          new StringBuilder("["); // nothing is printed of a file that fails to open
      DiskImages.map(
          file.get(),
          source.options(),
          start,
          length,
          entry -> {
            out.print(before);
            before.replace(0, before.length(), ",\n");
            out.print(line(entry));
          });
      out.println(before.charAt(0) == '[' ? "[]" : "]");
    } else {
      out.printf("%-15s %-15s %-15s %s%n", "Offset", "Length", "Mapped to", "File");
      DiskImages.map(file.get(), source.options(), start, length, entry -> print(out, entry));
    }
    return ExitCode.DONE;
  }

  /// One run, in the form and order of qemu-img: one line each, as a map can have millions.
  private static String line(MapEntry entry) {
    String text =
        "{ \"start\": %d, \"length\": %d, \"depth\": %d, \"present\": %b, \"zero\": %b, \"data\": %b"
            .formatted(
                entry.start(),
                entry.length(),
                entry.depth(),
                entry.present(),
                entry.zero(),
                entry.data());
    String offset =
        entry.hostOffset().isPresent() ? ", \"offset\": " + entry.hostOffset().getAsLong() : "";
    return text + ", \"compressed\": " + entry.compressed() + offset + "}";
  }

  private static void print(PrintStream out, MapEntry entry) {
    if (entry.data() && entry.hostOffset().isPresent()) {
      out.printf(
          "%-15s %-15s %-15s %s%n",
          hex(entry.start()),
          hex(entry.length()),
          hex(entry.hostOffset().getAsLong()),
          entry.file().map(image -> DiskCommand.name(image.path())).orElse(""));
    } else if (entry.compressed()) {
      out.printf(
          "%-15s %-15s %-15s %s%n",
          hex(entry.start()),
          hex(entry.length()),
          "compressed",
          entry.file().map(image -> DiskCommand.name(image.path())).orElse(""));
    }
  }

  private static String hex(long value) {
    return value == 0 ? "0" : "0x" + Long.toHexString(value);
  }
}
