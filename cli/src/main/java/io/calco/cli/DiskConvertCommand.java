package io.calco.cli;

import io.calco.disk.BackingReference;
import io.calco.disk.ImageOptions;
import io.calco.engine.ImageConversion;
import io.calco.engine.ImageConversion.Source;
import io.calco.engine.ImageConversion.Target;
import io.calco.engine.OperationException;
import io.calco.engine.SizeChange;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
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
          + "a file of that name is replaced then. Several sources become one disk, one after the "
          + "other. - is standard input or standard output."
    },
    footer = {
      "",
      "Examples:",
      "  calco disk convert -O qcow2 disk.img disk.qcow2",
      "  calco disk convert -O qcow2 -c -o compression_type=zstd disk.img small.qcow2",
      "  calco disk convert -f qcow2 -O raw -l before-update vm.qcow2 old.img",
      "  calco disk convert -O vmdk vm.qcow2 - | ssh host 'cat > vm.vmdk'",
      "  curl https://…/disk.img.xz | calco disk convert -O qcow2 - disk.qcow2",
      "  calco disk convert -O raw.zst vm.qcow2 vm.raw.zst"
    })
final class DiskConvertCommand extends CommandBase {
  private static final String STANDARD = "-";

  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Option(
      names = {"-O", "--target-format"},
      paramLabel = "FMT",
      defaultValue = "raw",
      description =
          "The target's format (default: ${DEFAULT-VALUE}); raw.gz or qcow2.zst packs it as well.")
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
      names = "--target-passphrase-file",
      paramLabel = "FILE",
      description = "Holds the passphrase that will open the target, where -o encrypts it.")
  private @Nullable String targetPassphrase;

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
      names = "--target-is-zero",
      description = "With -n: the target reads as zeroes already, so they need not be written.")
  private boolean targetIsZero;

  @Option(
      names = "--salvage",
      description = "Read on where the source cannot be read: that becomes zeroes.")
  private boolean salvage;

  @Option(
      names = {"-t", "--cache"},
      paramLabel = "MODE",
      defaultValue = "unsafe",
      description =
          "unsafe returns when the system has all bytes; any other mode of qemu-img's"
              + " returns when they are on the medium (default: ${DEFAULT-VALUE}).")
  private String cache = "unsafe";

  @SuppressWarnings("UnusedVariable") // scripts written for qemu-img run with it
  @Option(
      names = "-T",
      paramLabel = "MODE",
      description = "Accepted for qemu-img's sake: sources are read through the system's cache.")
  private @Nullable String sourceCache;

  @SuppressWarnings("UnusedVariable") // it has no effect
  @Mixin
  private DiskCommand.ProgressFlag progressFlag = new DiskCommand.ProgressFlag();

  @SuppressWarnings("UnusedVariable") // it has no effect
  @Mixin
  private DiskCommand.OrderFlag orderFlag = new DiskCommand.OrderFlag();

  @Parameters(
      arity = "2..*",
      paramLabel = "SOURCE… TARGET",
      hideParamSyntax = true,
      description = "The images to read, and the one to write.")
  private List<Path> files = List.of();

  @Override
  int run() throws IOException {
    ImageOptions reading = reading();
    List<Source> sources =
        files.subList(0, files.size() - 1).stream().map(file -> new Source(file, reading)).toList();
    Path to = files.getLast();
    ImageConversion.Outcome outcome;
    try (Progress progress = progress()) {
      outcome =
          to.toString().equals(STANDARD)
              ? ImageConversion.send(sources, standardOutput(), how(), progress)
              : ImageConversion.convert(sources, to, how(), progress);
    }
    if (outcome.lost() > 0) {
      say("%d bytes could not be read and are zeroes.".formatted(outcome.lost()));
    }
    return ExitCode.DONE;
  }

  private ImageOptions reading() throws IOException {
    return snapshot == null
        ? source.options()
        : source.options().withSnapshot(snapshot.replaceFirst("^snapshot\\.(id|name)=", ""));
  }

  private ImageConversion.Options how() throws IOException {
    if (targetIsZero && !existing) {
      throw new OperationException(
          OperationException.Kind.USAGE, "--target-is-zero goes with -n: a new target is zero");
    }
    return new ImageConversion.Options(
        ImageConversion.Part.ALL,
        format,
        Optional.ofNullable(backing)
            .map(name -> new BackingReference(name, Optional.ofNullable(backingFormat))),
        options.values(),
        targetPassphrase == null
            ? Optional.empty()
            : Optional.of(PassphraseFile.read(targetPassphrase)),
        compress,
        Optional.ofNullable(threads),
        Math.toIntExact(Math.min(SizeChange.parseBytes(sparse), 1 << 20)),
        !existing ? Target.NEW : targetIsZero ? Target.EXISTING_ZERO : Target.EXISTING,
        salvage ? ImageConversion.Damage.SALVAGE : ImageConversion.Damage.FAIL,
        !cache.equals("unsafe"));
  }

  /// Images are not for a terminal.
  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  private static WritableByteChannel standardOutput() {
    Console console = System.console();
    if (console != null && console.isTerminal()) {
      throw new OperationException(
          OperationException.Kind.REFUSED,
          "standard output is a terminal; an image would make a mess of it",
          "name a file, or send it on: calco disk convert … - | …");
    }
    return new FileOutputStream(FileDescriptor.out).getChannel();
  }
}
