package io.calco.store;

import io.calco.disk.ThreadEnd;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// The threads that hash and pack for all uploads and readings of a store, and the memory that they
/// share: whoever has work waits for a place, so that many uploads take no more than a few.
///
/// Thread rule: safe for several threads at once.
final class Workers implements AutoCloseable {
  /// Threads that work side by side.
  static final int THREADS = Runtime.getRuntime().availableProcessors();

  /// Pieces on their way at a time.
  static final int PLACES = 2 * THREADS + 4;

  private final ExecutorService executor =
      Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().name("store").factory());
  private final Semaphore places = new Semaphore(PLACES);

  /// Runs work on a thread; waits while all places are taken. The work must not wait for other
  /// work.
  <T> Future<T> submit(Callable<T> work) {
    places.acquireUninterruptibly();
    try {
      return executor.submit(() -> {
        try {
          return work.call();
        } finally {
          places.release();
        }
      });
    } catch (RuntimeException e) {
      places.release();
      throw e;
    }
  }

  /// Waits for work whose result nobody wants any more.
  static void settle(Future<?> future) {
    try {
      ThreadEnd.result(future);
    } catch (IOException | RuntimeException e) {
      // What failed first is thrown already.
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
