package io.calco.disk.luks;

import io.calco.disk.Closing;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MeasuredSize;
import io.calco.disk.OpenedFormat;
import io.calco.disk.PassphraseException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/// A raw disk in a LUKS volume in a file: qemu-img's `luks`, and what cryptsetup makes of a file.
public final class LuksFormat implements ImageFormat {
  private static final String PREALLOCATION = "preallocation";
  private static final int SECTOR = Luks1Layout.SECTOR;
  private static final int ZERO_PIECE = 1 << 20;
  private static final Map<String, String> HELP = allHelp();

  /// For [java.util.ServiceLoader].
  public LuksFormat() {}

  private static Map<String, String> allHelp() {
    Map<String, String> help = new LinkedHashMap<>(LuksOptions.help(""));
    help.put(PREALLOCATION, "off, falloc or full (off)");
    return java.util.Collections.unmodifiableMap(help);
  }

  @Override
  public String name() {
    return "luks";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return LuksVolume.probe(file, 0);
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    try {
      if (options.snapshot().isPresent()) {
        throw new UnsupportedFeatureException(
            file.name() + ": luks images have no internal snapshots");
      }
      return new LuksDriver(file, LuksVolume.read(file, 0, file.size()), options);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  /// The bytes of a new image are what the key makes of the file's zeroes.
  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    LuksOptions layout = layout(options);
    if (options.backing().isPresent()) {
      throw new UnsupportedFeatureException(
          file.name() + ": luks images cannot have a backing image; use qcow2");
    }
    boolean writes = writesAll(options.options().getOrDefault(PREALLOCATION, "off"));
    if (options.passphrase().isEmpty()) {
      throw PassphraseException.missing(file.name());
    }
    if (options.size() > Long.MAX_VALUE / 2) {
      throw new LimitExceededException(
          "%s: a disk of %d bytes does not fit into a file".formatted(file.name(), options.size()));
    }
    MemorySegment volume = NewLuksVolume.of(layout, options.passphrase().get());
    file.truncate(0);
    file.truncate(volume.byteSize() + Math.ceilDiv(options.size(), SECTOR) * SECTOR);
    file.write(0, volume);
    if (writes) {
      preallocate(file, volume.byteSize());
    }
  }

  private static LuksOptions layout(CreateOptions options) throws UnsupportedFeatureException {
    for (String option : options.options().keySet()) {
      if (!HELP.containsKey(option)) {
        throw new UnsupportedFeatureException(
            "luks has no option \"%s\"; known: %s"
                .formatted(option, String.join(", ", HELP.keySet())));
      }
    }
    return LuksOptions.of(options.options(), "");
  }

  /// Every byte of the disk is stored.
  @Override
  public MeasuredSize measure(Disk disk, CreateOptions options) throws IOException {
    long size = Math.max(options.size(), disk.size());
    long payload = Math.multiplyExact(Math.ceilDiv(size, SECTOR), (long) SECTOR);
    long all = Math.addExact(layout(options).payloadOffset(), payload);
    return new MeasuredSize(all, all);
  }

  private static boolean writesAll(String preallocation) throws UnsupportedFeatureException {
    return switch (preallocation) {
      case "off" -> false;
      case "falloc", "full" -> true;
      default ->
          throw new UnsupportedFeatureException(
              "luks option preallocation: found \"%s\", expected off, falloc or full"
                  .formatted(preallocation));
    };
  }

  /// Takes host space as QEMU does: by zeroes of the file, which are not zeroes of the guest.
  private static void preallocate(HostFile file, long from) throws IOException {
    MemorySegment zeroes = MemorySegment.ofArray(new byte[ZERO_PIECE]);
    long end = file.size();
    for (long at = from; at < end; at += ZERO_PIECE) {
      file.write(at, zeroes.asSlice(0, Math.min(ZERO_PIECE, end - at)));
    }
  }

  @Override
  public boolean newImageReadsZero() {
    return false;
  }

  @Override
  public Map<String, String> createOptions() {
    return HELP;
  }
}
