package io.calco.store;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;

/// The memory, outside the heap, that chunks are read into on their way out of the process, shared
/// by all readings: slow takers hold one piece of it each, and quick ones what is left.
///
/// Thread rule: safe for several threads at once.
final class ReadBuffers {
  /// All of it, in bytes.
  private static final int MAX = 96 << 20;

  /// Counted in pieces of the smallest chunk.
  private static final int UNIT = ImageRecord.CHUNK_MIN;

  private final Semaphore units = new Semaphore(MAX / UNIT, true);
  private final ArrayBlockingQueue<ByteBuffer> idle = new ArrayBlockingQueue<>(Workers.PLACES);

  /// Waits until there is enough.
  ///
  /// @param length in bytes, at most that of the largest chunk
  ByteBuffer take(int length) {
    units.acquireUninterruptibly(unitsOf(length));
    return make(length);
  }

  /// True while so much is left that a reading which has some may take more: the last half is for
  /// those that have none.
  boolean plenty() {
    return units.availablePermits() > MAX / UNIT / 2;
  }

  private ByteBuffer make(int length) {
    try {
      ByteBuffer kept = idle.poll();
      return kept == null || kept.capacity() < length
          ? ByteBuffer.allocateDirect(length)
          : kept.clear().limit(length);
    } catch (RuntimeException | Error e) {
      units.release(unitsOf(length));
      throw e;
    }
  }

  /// Nobody reads the buffer any more.
  ///
  /// @param length as it was asked for
  void giveBack(ByteBuffer buffer, int length) {
    idle.offer(buffer);
    units.release(unitsOf(length));
  }

  private static int unitsOf(int length) {
    return Math.ceilDiv(length, UNIT);
  }
}
