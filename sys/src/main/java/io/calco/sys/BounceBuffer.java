package io.calco.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Native memory that heap memory passes through on its way to and from the kernel. Whoever took
/// one has it alone until it is closed.
///
/// A critical call could hand heap memory to the kernel itself, but holds up every collection of
/// garbage, and with it every thread, for as long as the disk takes.
final class BounceBuffer implements AutoCloseable {
  /// Small enough to stay in a core's own cache between the two copies.
  static final int BYTES = 256 << 10;

  private static final int KEPT = 4;
  private static final AtomicReferenceArray<BounceBuffer> POOL = new AtomicReferenceArray<>(KEPT);

  private final MemorySegment memory = Arena.ofAuto().allocate(BYTES, 4096);

  private BounceBuffer() {}

  /// A buffer that nobody else has.
  static BounceBuffer take() {
    for (int i = 0; i < KEPT; i++) {
      BounceBuffer buffer = POOL.getAndSet(i, null);
      if (buffer != null) {
        return buffer;
      }
    }
    return new BounceBuffer();
  }

  /// The first bytes of it.
  MemorySegment first(long length) {
    return memory.asSlice(0, Math.min(length, BYTES));
  }

  /// Gives the buffer back, to the pool or to the collector.
  @Override
  public void close() {
    for (int i = 0; i < KEPT; i++) {
      if (POOL.compareAndSet(i, null, this)) {
        return;
      }
    }
  }
}
