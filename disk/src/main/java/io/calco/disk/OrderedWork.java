package io.calco.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs a stream of work on several threads: taken in order, prepared side by side, finished in
/// order. The first failure stops all, and is thrown.
final class OrderedWork {
  /// One thread's part. Each method is called by that thread alone.
  interface Worker extends AutoCloseable {
    /// Takes the next piece; nobody else is taking meanwhile. False when there is none.
    boolean take() throws IOException;

    /// Does what needs no order.
    void prepare() throws IOException;

    /// Does what needs order; nobody else is finishing meanwhile.
    void finish() throws IOException;

    @Override
    void close();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition turn = lock.newCondition();
  private long taken;
  private long finished;
  private @Nullable Throwable failure;

  private OrderedWork() {}

  /// Returns when all work is finished.
  static void run(int threads, Supplier<? extends Worker> workers) throws IOException {
    OrderedWork work = new OrderedWork();
    List<Thread> helpers = new ArrayList<>();
    for (int i = 1; i < threads; i++) {
      helpers.add(Thread.ofPlatform().daemon().name("copy-" + i).start(() -> work.loop(workers)));
    }
    work.loop(workers);
    for (Thread helper : helpers) {
      joinFully(helper);
    }
    work.rethrow();
  }

  private static void joinFully(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop(Supplier<? extends Worker> workers) {
    try (Worker worker = workers.get()) {
      while (true) {
        long number = take(worker);
        if (number < 0) {
          return;
        }
        worker.prepare();
        if (!awaitTurn(number)) {
          return;
        }
        worker.finish();
        passTurn();
      }
    } catch (Throwable e) {
      fail(e);
    }
  }

  private long take(Worker worker) throws IOException {
    lock.lock();
    try {
      return failure == null && worker.take() ? taken++ : -1;
    } finally {
      lock.unlock();
    }
  }

  private boolean awaitTurn(long number) {
    lock.lock();
    try {
      while (finished < number && failure == null) {
        turn.awaitUninterruptibly();
      }
      return failure == null;
    } finally {
      lock.unlock();
    }
  }

  private void passTurn() {
    lock.lock();
    try {
      finished++;
      turn.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail(Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      turn.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void rethrow() throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }
}
