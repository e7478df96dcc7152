package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ExportFormat;
import io.calco.engine.images.ImageExport;
import io.calco.engine.images.ImageService;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// `calco image export`.
final class ImageExportCommand extends ImagesCommand {
  private static final Path STANDARD = Path.of("-");

  private final Value<String> image =
      words.parameter("IMAGE", String.class, "Its name, alias or id.");
  private final Value<Path> file =
      words.requiredOption("--file", "FILE|DIR|-", Path.class, "Where to; - is standard output.");
  private final Value<String> format =
      words.option(
          "--format",
          "FORMAT",
          String.class,
          "qcow2, raw, vmdk, vhd, vhdx, vdi or ova (default: its bytes as they came).");
  private final Value<String> subformat =
      words.option("--subformat", "NAME", String.class, "Of the format: streamOptimized, fixed …");
  private final Value<String> compression =
      words.option("--compression", "gz|zst", String.class, "Pack it as a whole.");

  ImageExportCommand() {
    super("export", "Write an image to a file, as it came or in any other format.");
    words.examples(
        "calco image export debian:12 --file .",
        "calco image export debian:12 --format vmdk --subformat streamOptimized --file vm.vmdk",
        "calco image export debian:12 --format raw --compression zst --file - | zstd -d >disk.img");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    ImageEntry found = images.names().get(caller, image.get());
    ExportFormat how =
        ExportFormat.parse(format.optional(), subformat.optional(), compression.optional());
    try (Progress progress = progress();
        ImageExport export = images.exports().open(caller, found.id(), how, progress)) {
      if (file.get().equals(STANDARD)) {
        export.send(standardOutput(), progress);
        return ExitCode.DONE;
      }
      Path saved = export.save(file.get(), progress);
      if (json()) {
        Json.print(
            out(),
            Json.object()
                .put("id", found.id())
                .put("file", saved.toString())
                .put("size", Files.size(saved)));
      } else {
        say("%s: %s".formatted(Text.safe(saved.toString()), Text.size(Files.size(saved))));
      }
    }
    return ExitCode.DONE;
  }

  /// Images are not for a terminal.
  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  private static WritableByteChannel standardOutput() {
    Console console = System.console();
    if (console != null && console.isTerminal()) {
      throw new OperationException(
          Kind.REFUSED, "standard output is a terminal; an image would make a mess of it");
    }
    return new FileOutputStream(FileDescriptor.out).getChannel();
  }
}
