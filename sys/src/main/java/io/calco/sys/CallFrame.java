package io.calco.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Native memory for one call: where its `errno` lands, and room for the structures it takes or
/// fills. Whoever took a frame has it alone until it is closed: one errno shared by two threads is
/// a race.
///
/// Frames are kept for reuse and never freed; there are never more than calls ran at one time.
final class CallFrame implements AutoCloseable {
  /// `struct statx`, the largest we pass.
  private static final int ARGUMENT_BYTES = 256;

  private static final int ARGUMENT_OFFSET = 16;
  private static final int SLOTS = 16;

  private static final AtomicReferenceArray<CallFrame> SLOT = new AtomicReferenceArray<>(SLOTS);
  private static final ConcurrentLinkedQueue<CallFrame> MORE = new ConcurrentLinkedQueue<>();

  private final MemorySegment state;
  private final MemorySegment arguments;

  private CallFrame() {
    MemorySegment memory = Arena.global().allocate(ARGUMENT_OFFSET + ARGUMENT_BYTES, 16);
    state = memory.asSlice(0, ARGUMENT_OFFSET);
    arguments = memory.asSlice(ARGUMENT_OFFSET);
  }

  /// A frame that nobody else has.
  static CallFrame take() {
    CallFrame frame = SLOT.getAndSet(slot(), null);
    if (frame == null) {
      frame = MORE.poll();
    }
    return frame == null ? new CallFrame() : frame;
  }

  private static int slot() {
    return (int) Thread.currentThread().threadId() & (SLOTS - 1);
  }

  /// Where the linker stores the state it captures: `struct { int errno; }`.
  MemorySegment state() {
    return state;
  }

  /// What the last call with this frame left in errno; meaningful only when it failed.
  int errno() {
    return state.get(ValueLayout.JAVA_INT, 0);
  }

  /// 256 bytes for the arguments of one call, with what the last call left in them.
  MemorySegment arguments() {
    return arguments;
  }

  /// Gives the frame back.
  @Override
  public void close() {
    if (!SLOT.compareAndSet(slot(), null, this)) {
      MORE.add(this);
    }
  }
}
