package io.calco.disk.vhdx;

import java.util.BitSet;

/// Which MiB of the file something lies in: all structures of the format are whole MiB. Confined.
final class HostSpace {
  /// Ours: a file of 64 TiB and what goes with it.
  private static final long FILE_MAX = 65L << 40;

  private final BitSet used = new BitSet();
  private long taken;

  /// Takes a run.
  ///
  /// @return false when some of it is taken already; all of it is now
  boolean take(long offset, long length) {
    int from = mib(offset);
    int to = mib(offset + length);
    int before = used.get(from, to).cardinality();
    used.set(from, to);
    taken += to - from - before;
    return before == 0;
  }

  /// True when the run can be in a file at all.
  static boolean covers(long offset, long length) {
    return offset >= 0 && length >= 0 && offset <= FILE_MAX - length;
  }

  void free(long offset, long length) {
    int from = mib(offset);
    int to = mib(offset + length);
    taken -= used.get(from, to).cardinality();
    used.clear(from, to);
  }

  /// The first byte after everything taken.
  long end() {
    return used.length() * VhdxLayout.MIB;
  }

  /// A free run of at least `length` bytes in a file of `fileSize` bytes, or -1.
  long gap(long fileSize, long length) {
    int count = mib(length);
    int end = mib(fileSize);
    if (end - taken < count) {
      return -1;
    }
    for (int from = used.nextClearBit(0); from + count <= end; ) {
      int to = used.nextSetBit(from);
      if (to < 0 || to - from >= count) {
        return from * VhdxLayout.MIB;
      }
      from = used.nextClearBit(to);
    }
    return -1;
  }

  private static int mib(long bytes) {
    return Math.toIntExact(bytes / VhdxLayout.MIB);
  }
}
