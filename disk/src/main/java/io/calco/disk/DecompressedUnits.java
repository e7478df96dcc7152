package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Units unpacked lately, so that small reads beside each other unpack each once; at most 4 MiB of
/// them.
///
/// Thread rule: safe for several threads at once.
final class DecompressedUnits {
  private static final int BYTES_MAX = 4 << 20;
  private static final int UNITS_MIN = 2;
  private static final int UNITS_MAX = 64;

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

  private volatile @Nullable AtomicReferenceArray<@Nullable Unit> units;

  /// Reads from a compressed run into `dst`, of the run's length, which begins at guest offset
  /// `offset`.
  void read(FormatDriver format, Mapping.Compressed run, long offset, MemorySegment dst)
      throws IOException {
    if (dst.byteSize() == run.unitLength()) {
      format.decompress(run, dst);
      return;
    }
    AtomicReferenceArray<@Nullable Unit> kept = units;
    if (kept == null) {
      kept =
          new AtomicReferenceArray<>(
              Math.clamp(BYTES_MAX / run.unitLength(), UNITS_MIN, UNITS_MAX));
      units = kept;
    }
    int slot = (int) Long.remainderUnsigned(run.unitOffset() / run.unitLength(), kept.length());
    Unit unit = kept.get(slot);
    if (unit == null || !unit.holds(run)) {
      unit = new Unit(run);
      format.decompress(run, unit.bytes);
      kept.set(slot, unit);
    }
    MemorySegment.copy(unit.bytes, offset - run.unitOffset(), dst, 0, dst.byteSize());
  }

  /// Forgets, because the image changed.
  void clear() {
    units = null;
  }
}
