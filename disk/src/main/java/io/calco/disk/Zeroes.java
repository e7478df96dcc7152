package io.calco.disk;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Looks for zero bytes. Thread rule: safe.
final class Zeroes {
  private static final MemorySegment NONE = MemorySegment.ofArray(new byte[64 << 10]);

  private Zeroes() {}

  /// A run within a buffer.
  record Run(long offset, long length, boolean zero) {}

  /// True when every byte is zero.
  static boolean all(MemorySegment bytes) {
    long length = bytes.byteSize();
    for (long at = 0; at < length; at += NONE.byteSize()) {
      long part = Math.min(NONE.byteSize(), length - at);
      if (MemorySegment.mismatch(bytes, at, at + part, NONE, 0, part) != -1) {
        return false;
      }
    }
    return true;
  }

  /// Cuts `bytes` into runs of grid cells that are all zero and runs that are not, appended to
  /// `runs`.
  static void split(MemorySegment bytes, int grid, List<Run> runs) {
    long length = bytes.byteSize();
    long begin = 0;
    boolean zero = false;
    for (long at = 0; at < length; at += grid) {
      boolean cell = all(bytes.asSlice(at, Math.min(grid, length - at)));
      if (at > begin && cell != zero) {
        runs.add(new Run(begin, at - begin, zero));
        begin = at;
      }
      zero = cell;
    }
    runs.add(new Run(begin, length - begin, zero));
  }
}
