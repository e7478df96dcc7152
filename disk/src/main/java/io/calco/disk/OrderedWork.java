package io.calco.disk;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs a stream of work on several threads: pieces are taken in order, prepared side by side,
/// finished in order. The first failure stops all, and is thrown.
///
/// There are a few more stations than threads, so that a thread goes on with the next piece instead
/// of waiting for its turn to finish the last: whoever is free finishes what is ready.
public final class OrderedWork {
  /// Room for one piece on its way. One thread at a time has it, and sees what the one before it
  /// did.
  public interface Station extends AutoCloseable {
    /// Takes the next piece; nobody else is taking meanwhile. False when there is none.
    boolean take() throws IOException;

    /// Does what needs no order.
    void prepare() throws IOException;

    /// Does what needs order; nobody else is finishing meanwhile.
    void finish() throws IOException;

    @Override
    void close();
  }

  /// Places beyond one for each thread.
  private static final int SPARE = 2;

  /// A station with a piece in it.
  private static final class Piece {
    final Station station;
    boolean prepared;

    Piece(Station station) {
      this.station = station;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private final ArrayDeque<Station> free = new ArrayDeque<>();

  /// In the order they were taken.
  private final ArrayDeque<Piece> pieces = new ArrayDeque<>();

  private boolean taking;
  private boolean finishing;
  private boolean allTaken;
  private @Nullable Throwable failure;

  private OrderedWork() {}

  /// Returns when all work is finished.
  ///
  /// @param threads how many work side by side, this one among them; at least 1
  /// @param stations makes a place for a piece; called a few times more often than there are
  ///   threads
  public static void run(int threads, Supplier<? extends Station> stations) throws IOException {
    OrderedWork work = new OrderedWork();
    List<Station> all = new ArrayList<>();
    try {
      for (int i = 0; i < threads + SPARE; i++) {
        all.add(stations.get());
      }
      work.free.addAll(all);
      List<Thread> helpers = new ArrayList<>();
      for (int i = 1; i < threads; i++) {
        helpers.add(Thread.ofPlatform().daemon().name("copy-" + i).start(work::loop));
      }
      work.loop();
      for (Thread helper : helpers) {
        ThreadEnd.await(helper);
      }
    } finally {
      all.forEach(Station::close);
    }
    work.rethrow();
  }

  /// Does whatever can be done next, the oldest piece first, until nothing is left. Each step is
  /// entered and left with the lock held, and lets go of it while it works.
  private void loop() {
    lock.lock();
    try {
      while (failure == null && !(allTaken && pieces.isEmpty())) {
        Piece oldest = pieces.peek();
        if (oldest != null && oldest.prepared && !finishing) {
          finish(oldest);
        } else if (!allTaken && !taking && !free.isEmpty()) {
          takeAndPrepare();
        } else {
          change.awaitUninterruptibly();
        }
      }
    } catch (Throwable e) {
      if (failure == null) {
        failure = e;
      }
    } finally {
      change.signalAll();
      lock.unlock();
    }
  }

  private void takeAndPrepare() throws IOException {
    Station station = free.pop();
    taking = true;
    boolean taken;
    lock.unlock();
    try {
      taken = station.take();
    } finally {
      lock.lock();
      taking = false;
    }
    if (!taken) {
      allTaken = true;
      return;
    }
    Piece piece = new Piece(station);
    pieces.add(piece);
    change.signal();
    lock.unlock();
    try {
      station.prepare();
    } finally {
      lock.lock();
    }
    piece.prepared = true;
  }

  private void finish(Piece oldest) throws IOException {
    finishing = true;
    lock.unlock();
    try {
      oldest.station.finish();
    } finally {
      lock.lock();
      finishing = false;
    }
    pieces.remove();
    free.push(oldest.station);
    change.signal();
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
