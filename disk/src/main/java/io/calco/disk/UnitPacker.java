package io.calco.disk;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Compresses units of an image. Thread rule: safe for several threads at once.
public interface UnitPacker {

  /// Guest bytes in a unit.
  int unitLength();

  /// Packs `unitLength()` bytes; empty when the unit had better be written as it is.
  Optional<MemorySegment> pack(MemorySegment unit);
}
