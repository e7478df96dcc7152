package io.calco.disk.qcow2;

/// The bits of L1 and L2 entries, over the raw words.
final class L2Entry {
  /// The host cluster's refcount is one: it may be written in place.
  static final long COPIED = 1L << 63;

  static final long COMPRESSED = 1L << 62;

  /// Reads as zeroes; in images without extended L2 entries.
  static final long ZERO = 1;

  static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;
  static final long L1_RESERVED = 0x7f00_0000_0000_01ffL;
  static final long L2_RESERVED = 0x3f00_0000_0000_01feL;

  /// Bitmap of an extended entry: a low bit says that the subcluster is allocated, a high bit that
  /// it reads as zeroes.
  static final long ALL_ALLOCATED = 0xffff_ffffL;

  static final long ALL_ZERO = 0xffff_ffffL << 32;

  private L2Entry() {}

  static long hostOffset(long entry) {
    return entry & OFFSET_MASK;
  }

  static boolean copied(long entry) {
    return entry < 0;
  }

  static boolean compressed(long entry) {
    return (entry & COMPRESSED) != 0;
  }

  private static int compressedOffsetBits(Geometry g) {
    return 62 - (g.clusterBits() - 8);
  }

  /// One more than the largest host offset a compressed cluster may begin at.
  static long compressedOffsetLimit(Geometry g) {
    return 1L << compressedOffsetBits(g);
  }

  /// First byte of a compressed cluster's packed data.
  static long compressedOffset(long entry, Geometry g) {
    return entry & (compressedOffsetLimit(g) - 1);
  }

  /// Bytes up to the end of the last 512-byte sector that the packed data touches.
  static int compressedLength(long entry, Geometry g) {
    long moreSectors = (entry & (COMPRESSED - 1)) >>> compressedOffsetBits(g);
    return (int) ((moreSectors + 1) * 512 - (entry & 511));
  }

  /// The entry of `length` packed bytes at `hostOffset`.
  static long ofCompressed(long hostOffset, int length, Geometry g) {
    long moreSectors = ((hostOffset + length - 1) >>> 9) - (hostOffset >>> 9);
    return COMPRESSED | moreSectors << compressedOffsetBits(g) | hostOffset;
  }
}
