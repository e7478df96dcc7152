package io.calco.disk.qcow2;

import java.util.BitSet;

/// Which parts of the disk were written since it was opened, for bitmaps that record it. Takes at
/// most 8 MiB of memory: on large disks it is coarser than the bitmaps, which then mark more than
/// they must.
///
/// Thread rule: readers beside each other; [#add] alone.
final class WrittenRanges {
  private static final long BITS_MAX = 64L << 20;

  private final long size;
  private final int granularityBits;
  private final BitSet written = new BitSet();

  /// @param granularityBits log2 of the guest bytes that the finest bitmap tells apart
  WrittenRanges(long size, int granularityBits) {
    int bits = granularityBits;
    while (size >>> bits >= BITS_MAX) {
      bits++;
    }
    this.size = size;
    this.granularityBits = bits;
  }

  private int bit(long offset) {
    return Math.toIntExact(offset >>> granularityBits);
  }

  void add(long offset, long length) {
    if (length > 0) {
      written.set(bit(offset), bit(offset + length - 1) + 1);
    }
  }

  /// True when all of a run was written.
  boolean covers(long offset, long length) {
    return length <= 0 || written.nextClearBit(bit(offset)) > bit(offset + length - 1);
  }

  /// Bytes on the disk.
  long size() {
    return size;
  }

  boolean isEmpty() {
    return written.isEmpty();
  }

  /// The first byte at or after `offset` that was written, or the size.
  long next(long offset) {
    int found = offset >= size ? -1 : written.nextSetBit(bit(offset));
    return found < 0 ? size : Math.max(offset, (long) found << granularityBits);
  }

  /// The first byte after the run that was written at `offset`.
  long end(long offset) {
    return Math.min(size, (long) written.nextClearBit(bit(offset)) << granularityBits);
  }
}
