package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.disk.ImageFormats;
import io.calco.engine.DiskImages;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// `calco disk create`.
final class DiskCreateCommand extends CommandBase {
  private final Value<String> format =
      words.option(
          "-f, --format",
          "FMT",
          String.class,
          "raw",
          "The image's format (default: ${DEFAULT-VALUE}).");

  private final DiskCommand.Backing backing = new DiskCommand.Backing(words);
  private final Flag unsafe =
      words.flag("-u, --unsafe", "Do not look for the backing image: it may come later.");

  private final DiskCommand.FormatOptions options = new DiskCommand.FormatOptions(words);
  private final Allow allow = new Allow(words);

  private final Value<String> passphrase =
      words.option(
          "--passphrase-file",
          "FILE",
          String.class,
          "Holds the passphrase that will open the image, where -o encrypts it.");

  private final Value<Path> file = words.expected("FILE", Path.class, "The image file to make.");

  private final Value<String> size =
      words.optionalParameter(
          "SIZE", String.class, "Virtual size, such as 20G; may be left out with -b.");

  DiskCreateCommand() {
    super("create", "Lay out a new, empty image, or an overlay on another.");
    words.examples(
        "calco disk create -f qcow2 data.qcow2 20G",
        "calco disk create -f qcow2 -b base.qcow2 -F qcow2 overlay.qcow2",
        "calco disk create -f qcow2 -o cluster_size=128k,extended_l2=on fast.qcow2 1T",
        "calco disk create -f raw -o preallocation=full data.img 20G",
        "calco disk create -f vmdk -o help                  what -o may say");
  }

  @Override
  int run() throws IOException {
    if (options.help()) {
      return DiskCommand.printOptions(
          this, format.get(), ImageFormats.get(format.get()).createOptions());
    }
    Map<String, String> layout = options.values();
    Optional<String> sizeOption = Optional.ofNullable(layout.remove("size"));
    OptionalLong bytes =
        size.optional().or(() -> sizeOption).stream().mapToLong(SizeChange::parseBytes).findFirst();
    long made =
        DiskImages.create(
            file.get(),
            new DiskImages.NewDisk(
                format.get(),
                bytes,
                backing.reference(layout),
                unsafe.given() ? DiskImages.Below.TRUSTED : DiskImages.Below.OPENED,
                layout,
                PassphraseFile.read(passphrase.optional())),
            allow.policy());
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("filename", file.get())
              .put("format", format.get())
              .put("virtual-size", made));
    } else {
      say("%s: %s, %s".formatted(DiskCommand.name(file.get()), format.get(), Text.size(made)));
    }
    return ExitCode.DONE;
  }
}
