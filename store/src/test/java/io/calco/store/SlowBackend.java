package io.calco.store;

import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Another backend as if it were far away: every call takes a while, listing ten times as long;
/// counts the calls.
final class SlowBackend implements Backend {
  private static final int LISTING = 10;

  private final Backend near;
  private final Duration delay;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicInteger now = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  SlowBackend(Backend near, Duration delay) {
    this.near = near;
    this.delay = delay;
  }

  /// Calls since this was asked last.
  long takeCalls() {
    return calls.getAndSet(0);
  }

  /// Most calls that were under way at once.
  int most() {
    return most.get();
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T far(Duration lasting, Call<T> call) throws IOException {
    calls.incrementAndGet();
    most.accumulateAndGet(now.incrementAndGet(), Math::max);
    try {
      Thread.sleep(lasting);
      return call.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } finally {
      now.decrementAndGet();
    }
  }

  @Override
  public String place() {
    return near.place();
  }

  @Override
  public void put(String name, List<MemorySegment> content) throws IOException {
    far(
        delay,
        () -> {
          near.put(name, content);
          return true;
        });
  }

  @Override
  public void get(String name, long offset, MemorySegment dst) throws IOException {
    far(
        delay,
        () -> {
          near.get(name, offset, dst);
          return true;
        });
  }

  @Override
  public byte[] get(String name, int max) throws IOException {
    return far(delay, () -> near.get(name, max));
  }

  @Override
  public long size(String name) throws IOException {
    return far(delay, () -> near.size(name));
  }

  @Override
  public List<StoredObject> list(String prefix) throws IOException {
    return far(delay.multipliedBy(LISTING), () -> near.list(prefix));
  }

  @Override
  public void delete(String name) throws IOException {
    far(
        delay,
        () -> {
          near.delete(name);
          return true;
        });
  }

  @Override
  public void sweep() throws IOException {
    near.sweep();
  }

  @Override
  public void close() throws IOException {
    near.close();
  }
}
