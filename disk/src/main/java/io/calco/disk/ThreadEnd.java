package io.calco.disk;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// Waits until threads, or their work, have ended, whatever interrupts it: whoever closes something
/// may not leave before all that uses it has. An interruption is kept for later.
public final class ThreadEnd {
  private ThreadEnd() {}

  /// Waits for one, however long that takes; not for one that was never started.
  public static void await(Thread thread) {
    await(thread, Duration.ofMillis(Long.MAX_VALUE));
  }

  /// Waits for some, each for at most a time.
  public static void await(Collection<Thread> threads, Duration most) {
    threads.forEach(thread -> await(thread, most));
  }

  private static void await(Thread thread, Duration most) {
    boolean interrupted = false;
    long begun = System.nanoTime();
    Duration left = most;
    while (thread.isAlive() && left.isPositive()) {
      try {
        thread.join(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      left = most.minusNanos(System.nanoTime() - begun);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// What the work returned, or throws what it threw.
  public static <T> T result(Future<T> future) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
