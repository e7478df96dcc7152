package io.calco.disk.dmg;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The `koly` block at the end of the file, checked.
///
/// @param dataForkOffset what the chunks' offsets count from
/// @param resourceForkOffset where the resource fork lies
/// @param resourceForkLength bytes in it, 0 for none
/// @param xmlOffset where the property list lies
/// @param xmlLength bytes in it, 0 for none
/// @param size virtual size in bytes
record Koly(
    long dataForkOffset,
    long resourceForkOffset,
    int resourceForkLength,
    long xmlOffset,
    int xmlLength,
    long size) {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  static final int SECTOR = 512;

  /// "koly".
  private static final int MAGIC = 0x6b6f6c79;

  private static final long VERSION = 4;
  private static final long DATA_FORK_OFFSET = 24;
  private static final long RESOURCE_FORK_OFFSET = 40;
  private static final long SEGMENT_COUNT = 60;
  private static final long XML_OFFSET = 216;
  private static final long SECTOR_COUNT = 492;
  private static final int LENGTH = 512;
  private static final int SUPPORTED_VERSION = 4;

  /// QEMU: bytes in the property list or the resource fork.
  private static final int TABLES_MAX = 16 << 20;

  /// True when the file ends in this block.
  static boolean isIn(HostFile file) throws IOException {
    return file.size() >= LENGTH && bytes(file).get(U32, 0) == MAGIC;
  }

  private static MemorySegment bytes(HostFile file) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[LENGTH]);
    file.read(file.size() - LENGTH, bytes);
    return bytes;
  }

  static Koly read(HostFile file) throws IOException {
    if (!isIn(file)) {
      throw new CorruptImageException(file.name() + ": does not end in a koly block");
    }
    MemorySegment bytes = bytes(file);
    int version = bytes.get(U32, VERSION);
    if (version != SUPPORTED_VERSION) {
      throw new FormatVersionException(
          "%s: Apple disk image of version %s; only 4 is read"
              .formatted(file.name(), Integer.toUnsignedString(version)));
    }
    if (Integer.compareUnsigned(bytes.get(U32, SEGMENT_COUNT), 1) > 0) {
      throw new UnsupportedFeatureException(
          "%s: one of %s segments of an Apple disk image, which are not supported"
              .formatted(file.name(), Integer.toUnsignedString(bytes.get(U32, SEGMENT_COUNT))));
    }
    long at = file.size() - LENGTH;
    long sectors = bytes.get(U64, SECTOR_COUNT);
    if (sectors < 0 || sectors > Long.MAX_VALUE / SECTOR) {
      throw CorruptImageException.at(
          file.name(), "koly SectorCount", at + SECTOR_COUNT, sectors, "a size below 2^63 bytes");
    }
    long dataFork = bytes.get(U64, DATA_FORK_OFFSET);
    if (dataFork < 0 || dataFork > at) {
      throw CorruptImageException.at(
          file.name(), "koly DataForkOffset", at + DATA_FORK_OFFSET, dataFork, "within the file");
    }
    return new Koly(
        dataFork,
        bytes.get(U64, RESOURCE_FORK_OFFSET),
        length(file, bytes, "ResourceFork", RESOURCE_FORK_OFFSET),
        bytes.get(U64, XML_OFFSET),
        length(file, bytes, "XML", XML_OFFSET),
        sectors * SECTOR);
  }

  /// The length after an offset, of a part before this block.
  private static int length(HostFile file, MemorySegment bytes, String field, long at)
      throws IOException {
    long offset = bytes.get(U64, at);
    long length = bytes.get(U64, at + Long.BYTES);
    long end = file.size() - LENGTH;
    if (length == 0) {
      return 0;
    }
    if (offset < 0 || offset > end || length < 0 || length > Math.min(end - offset, TABLES_MAX)) {
      throw CorruptImageException.at(
          file.name(),
          "koly " + field,
          end + at,
          "%d bytes at 0x%x".formatted(length, offset),
          "at most 16 MiB within the file");
    }
    return Math.toIntExact(length);
  }
}
