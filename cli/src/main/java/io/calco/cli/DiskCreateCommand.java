package io.calco.cli;

import io.calco.engine.DiskImages;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk create`.
@Command(
    name = "create",
    description = "Lay out a new, empty image, or an overlay on another.",
    footer = {
      "",
      "Examples:",
      "  calco disk create -f qcow2 data.qcow2 20G",
      "  calco disk create -f qcow2 -b base.qcow2 -F qcow2 overlay.qcow2",
      "  calco disk create -f qcow2 -o cluster_size=128k,extended_l2=on fast.qcow2 1T"
    })
final class DiskCreateCommand extends CommandBase {
  @Option(
      names = {"-f", "--format"},
      paramLabel = "FMT",
      defaultValue = "raw",
      description = "The image's format (default: ${DEFAULT-VALUE}).")
  private String format = "raw";

  @Mixin private DiskCommand.Backing backing = new DiskCommand.Backing();
  @Mixin private DiskCommand.FormatOptions options = new DiskCommand.FormatOptions();
  @Mixin private Allow allow = new Allow();

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = "Holds the passphrase that will open the image, where -o encrypts it.")
  private @Nullable String passphrase;

  @Parameters(index = "0", paramLabel = "FILE", description = "The image file to make.")
  private Path file = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "SIZE",
      description = "Virtual size, such as 20G; may be left out with -b.")
  private @Nullable String size;

  @Override
  int run() throws IOException {
    OptionalLong bytes =
        size == null ? OptionalLong.empty() : OptionalLong.of(SizeChange.parseBytes(size));
    long made =
        DiskImages.create(
            file,
            format,
            bytes,
            backing.reference(),
            options.values(),
            passphrase == null ? Optional.empty() : Optional.of(PassphraseFile.read(passphrase)),
            allow.policy());
    if (json()) {
      Json.print(
          out(),
          Json.object().put("filename", file).put("format", format).put("virtual-size", made));
    } else {
      say("%s: %s, %s".formatted(DiskCommand.name(file), format, Text.size(made)));
    }
    return ExitCode.DONE;
  }
}
