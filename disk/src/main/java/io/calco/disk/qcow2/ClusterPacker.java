package io.calco.disk.qcow2;

import io.calco.disk.UnitPacker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Compresses clusters as one image does. Thread rule: safe.
record ClusterPacker(int unitLength, ClusterCodec codec) implements UnitPacker {
  @Override
  public Optional<MemorySegment> pack(MemorySegment unit) {
    return codec.pack(unit);
  }
}
