package io.calco.cli;

import io.calco.cli.DiskCommand.Cache;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
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
import java.util.Map;

/// `calco disk convert`.
final class DiskConvertCommand extends CommandBase {
  private static final String STANDARD = "-";

  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Value<String> format =
      words.option(
          "-O, --target-format",
          "FMT",
          String.class,
          "raw",
          "The target's format (default: ${DEFAULT-VALUE}); raw.gz or qcow2.zst packs it as well,"
              + " ova describes a machine around it (-o name, cpus, memory, firmware, controller).");

  private final DiskCommand.FormatOptions options = new DiskCommand.FormatOptions(words);

  private final Value<String> backing =
      words.option(
          "-B, --target-backing",
          "FILE",
          String.class,
          "Write an overlay on this image, which holds what the source's backing holds.");

  private final Value<String> backingFormat =
      words.option("-F, --target-backing-format", "FMT", String.class, "The format of -B's image.");

  private final Value<String> targetPassphrase =
      words.option(
          "--target-passphrase-file",
          "FILE",
          String.class,
          "Holds the passphrase that will open the target, where -o encrypts it.");

  private final Flag compress = words.flag("-c, --compress", "Compress, on all processors.");

  private final Value<String> snapshot =
      words.option(
          "-l, --snapshot",
          "SNAPSHOT",
          String.class,
          "Read the source as this internal snapshot left it.");

  private final Value<String> sparse =
      words.option(
          "-S, --sparse-size",
          "SIZE",
          String.class,
          "4k",
          "Shortest run of zeroes that becomes a hole; 0 writes them all (default: ${DEFAULT-VALUE}).");

  private final Value<Integer> threads =
      words.option(
          "-m, --threads",
          "N",
          Integer.class,
          "Threads that work side by side, 1 to 64 (default: one per processor).");

  private final Flag existing =
      words.flag(
          "-n, --no-create", "Write into the target as it is: a device, or an image made before.");

  private final Flag targetIsZero =
      words.flag(
          "--target-is-zero",
          "With -n: the target reads as zeroes already, so they need not be written.");

  private final Flag bitmaps = words.flag("--bitmaps", "Copy the source's dirty bitmaps, too.");

  private final Flag skipBroken =
      words.flag("--skip-broken-bitmaps", "With --bitmaps: leave out those that are unusable.");

  private final Value<String> rate = DiskCommand.rate(words);

  private final Flag salvage =
      words.flag("--salvage", "Read on where the source cannot be read: that becomes zeroes.");

  private final Value<Cache> cache =
      words.option(
          "-t, --cache",
          "MODE",
          Cache.class,
          "unsafe",
          "unsafe returns when the system has all bytes; any other mode of qemu-img's"
              + " returns when they are on the medium (default: ${DEFAULT-VALUE}).");

  private final Values<Path> files =
      words.parameters(
          0,
          "SOURCE… TARGET",
          Path.class,
          "The images to read, and the one to write. A source may be what an NBD server serves:"
              + " nbd://HOST:PORT/EXPORT, nbd+unix:///EXPORT?socket=PATH, nbds:// encrypted.");

  DiskConvertCommand() {
    super(
        "convert",
        "Copy an image to another format.",
        "Holes stay holes; runs of zeroes become holes. The target appears when it is complete; "
            + "a file of that name is replaced then. Several sources become one disk, one after the "
            + "other. - is standard input or standard output.");
    DiskCommand.acceptSourceCache(words);
    words.flag("-C", "Accepted for qemu-img's sake: bytes always go the shortest way.");
    DiskCommand.acceptProgressFlag(words);
    DiskCommand.acceptOrderFlag(words);
    words.examples(
        "calco disk convert -O qcow2 disk.img disk.qcow2",
        "calco disk convert -O qcow2 -c -o compression_type=zstd disk.img small.qcow2",
        "calco disk convert -f qcow2 -O raw -l before-update vm.qcow2 old.img",
        "calco disk convert -O vmdk vm.qcow2 - | ssh host 'cat > vm.vmdk'",
        "curl https://…/disk.img.xz | calco disk convert -O qcow2 - disk.qcow2",
        "calco disk convert -O raw.zst vm.qcow2 vm.raw.zst",
        "calco disk convert -O qcow2 nbd://server/vm vm.qcow2",
        "calco disk convert -O ova -o cpus=2,memory=4G,firmware=efi vm.qcow2 vm.ova");
  }

  @Override
  int run() throws IOException {
    if (options.help()) {
      return DiskCommand.printOptions(
          this, format.get(), ImageConversion.targetOptions(format.get()));
    }
    List<Path> named = files.atLeast(2);
    ImageOptions reading = reading();
    List<Source> sources =
        named.subList(0, named.size() - 1).stream().map(file -> new Source(file, reading)).toList();
    Path to = named.getLast();
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
    ImageOptions reading = source.options();
    return snapshot.given()
        ? reading.withSnapshot(snapshot.get().replaceFirst("^snapshot\\.(id|name)=", ""))
        : reading;
  }

  private ImageConversion.Options how() throws IOException {
    if (targetIsZero.given() && !existing.given()) {
      throw new OperationException(
          OperationException.Kind.USAGE, "--target-is-zero goes with -n: a new target is zero");
    }
    Map<String, String> layout = options.values();
    return new ImageConversion.Options(
        ImageConversion.Part.ALL,
        format.get(),
        DiskCommand.backing(backing.optional(), backingFormat.optional(), layout),
        layout,
        PassphraseFile.read(targetPassphrase.optional()),
        compress.given(),
        threads.optional(),
        Math.toIntExact(Math.min(SizeChange.parseBytes(sparse.get()), 1 << 20)),
        !existing.given()
            ? Target.NEW
            : targetIsZero.given() ? Target.EXISTING_ZERO : Target.EXISTING,
        salvage.given() ? ImageConversion.Damage.SALVAGE : ImageConversion.Damage.FAIL,
        cache.get() != Cache.unsafe,
        bitmaps(),
        DiskCommand.rate(rate));
  }

  private ImageConversion.Bitmaps bitmaps() {
    if (skipBroken.given() && !bitmaps.given()) {
      throw new OperationException(
          OperationException.Kind.USAGE, "--skip-broken-bitmaps goes with --bitmaps");
    }
    return !bitmaps.given()
        ? ImageConversion.Bitmaps.NONE
        : skipBroken.given() ? ImageConversion.Bitmaps.CONSISTENT : ImageConversion.Bitmaps.ALL;
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
