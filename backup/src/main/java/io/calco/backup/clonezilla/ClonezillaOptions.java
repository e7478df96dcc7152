package io.calco.backup.clonezilla;

import io.calco.disk.wrap.Compression;
import java.util.Optional;

/// How a disk is saved.
///
/// @param disk what it is called in the image, which is what Clonezilla restores it to unless it is
///   told otherwise: `sda`, `nvme0n1`, `vda`
/// @param compression of the streams; empty for none
/// @param splitBytes most bytes in a file of a stream, a multiple of 1,000,000 as Clonezilla
///   counts; 0 for no limit
public record ClonezillaOptions(String disk, Optional<Compression> compression, long splitBytes) {
  private static final long MEGABYTE = 1_000_000;

  /// Checks the values.
  public ClonezillaOptions {
    if (!isDiskName(disk)) {
      throw new IllegalArgumentException("disk \"" + disk + "\"");
    }
    if (splitBytes < 0 || splitBytes % MEGABYTE != 0) {
      throw new IllegalArgumentException("pieces of " + splitBytes + " bytes");
    }
  }

  /// `sda`, in Zstandard, uncut.
  public static ClonezillaOptions defaults() {
    return new ClonezillaOptions("sda", Optional.of(Compression.ZST), 0);
  }

  /// True for a name that Clonezilla knows as a disk's.
  public static boolean isDiskName(String name) {
    return name.matches(
        "([hsv]d[a-z]{1,2}|xvd[a-z]|(nvme[0-9]{1,3}n|mmcblk|nbd|loop|md)[0-9]{1,3})");
  }

  /// The same under another name.
  public ClonezillaOptions withDisk(String name) {
    return new ClonezillaOptions(name, compression, splitBytes);
  }

  /// The same, packed otherwise or not at all.
  public ClonezillaOptions with(Optional<Compression> other) {
    return new ClonezillaOptions(disk, other, splitBytes);
  }

  /// The same, cut into pieces.
  ///
  /// @param megabytes of 1,000,000 bytes; 0 for no limit
  public ClonezillaOptions withSplit(long megabytes) {
    return new ClonezillaOptions(disk, compression, Math.multiplyExact(megabytes, MEGABYTE));
  }

  /// What the names of streams end in.
  String ending() {
    return compression.map(kind -> kind.ending().substring(1)).orElse("uncomp");
  }
}
