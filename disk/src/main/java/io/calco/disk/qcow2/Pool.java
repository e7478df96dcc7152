package io.calco.disk.qcow2;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;

/// Things that are dear to make and serve one thread at a time: as many are kept as processors
/// could use. Thread rule: safe.
///
/// @param <T> what is kept
final class Pool<T> {
  private final ArrayBlockingQueue<T> idle =
      new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors());
  private final Supplier<T> maker;

  Pool(Supplier<T> maker) {
    this.maker = maker;
  }

  /// One that is idle, or a new one.
  T take() {
    T one = idle.poll();
    return one == null ? maker.get() : one;
  }

  /// Takes back; what is too many is left to the garbage collector.
  void giveBack(T one) {
    idle.offer(one);
  }
}
