package io.calco.cli;

import io.calco.disk.MapEntry;
import io.calco.engine.DiskImages;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `calco disk map`.
@Command(
    name = "map",
    description = "Where each run of the guest's bytes lies, in the image and below it.",
    footer = {"", "Example:", "  calco disk map --output json clone.qcow2"})
final class DiskMapCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Parameters(paramLabel = "FILE", description = "The image file.")
  private Path file = Path.of("");

  @Override
  int run() throws IOException {
    PrintStream out = out();
    if (json()) {
      StringBuilder before =
          new StringBuilder("["); // nothing is printed of a file that fails to open
      DiskImages.map(
          file,
          source.options(),
          entry -> {
            out.print(before);
            before.replace(0, before.length(), ",\n");
            out.print(line(entry));
          });
      out.println(before.charAt(0) == '[' ? "[]" : "]");
    } else {
      out.printf("%-15s %-15s %-15s %s%n", "Offset", "Length", "Mapped to", "File");
      DiskImages.map(file, source.options(), entry -> print(out, entry));
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
