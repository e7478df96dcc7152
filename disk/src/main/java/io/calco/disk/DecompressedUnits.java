package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The unit unpacked last, so that small reads beside each other unpack it once.
final class DecompressedUnits {
  private static final class Unit {
    final long hostOffset;
    final long unitOffset;
    final MemorySegment bytes;

    Unit(Mapping.Compressed run) {
      hostOffset = run.hostOffset();
      unitOffset = run.unitOffset();
      bytes = MemorySegment.ofArray(new byte[run.unitLength()]);
    }

    /// Two units of a damaged image may claim the same packed bytes.
    boolean holds(Mapping.Compressed run) {
      return hostOffset == run.hostOffset()
          && unitOffset == run.unitOffset()
          && bytes.byteSize() == run.unitLength();
    }
  }

  private volatile @Nullable Unit last;

  /// Reads from a compressed run into `dst`, of the run's length, which begins at guest offset
  /// `offset`.
  void read(FormatDriver format, Mapping.Compressed run, long offset, MemorySegment dst)
      throws IOException {
    if (dst.byteSize() == run.unitLength()) {
      format.decompress(run, dst);
      return;
    }
    Unit unit = last;
    if (unit == null || !unit.holds(run)) {
      unit = new Unit(run);
      format.decompress(run, unit.bytes);
      last = unit;
    }
    MemorySegment.copy(unit.bytes, offset - run.unitOffset(), dst, 0, dst.byteSize());
  }

  /// Forgets, because the image changed.
  void clear() {
    last = null;
  }
}
