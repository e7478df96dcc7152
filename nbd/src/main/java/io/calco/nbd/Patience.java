package io.calco.nbd;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// Hangs up when the other side lets us wait too long. Looks once a second.
///
/// Thread rule: safe; one waits at a time.
final class Patience implements AutoCloseable {
  private static final Executor SOON = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
  private static final long NEVER = Long.MAX_VALUE;

  private final Wire wire;
  private final long origin = System.nanoTime();
  private volatile long deadline = NEVER; // nanoseconds since the origin
  private volatile boolean lost;
  private volatile boolean closed;

  Patience(Wire wire) {
    this.wire = wire;
    SOON.execute(this::look);
  }

  /// From now on the other side has so long.
  void begin(Duration most) {
    deadline = System.nanoTime() - origin + most.toNanos();
  }

  /// It has answered.
  void end() {
    deadline = NEVER;
  }

  /// True when we hung up.
  boolean isLost() {
    return lost;
  }

  private void look() {
    if (closed) {
      return;
    }
    if (System.nanoTime() - origin > deadline) {
      lost = true;
      try {
        wire.hangUp();
      } catch (IOException alreadyGone) {
        return;
      }
      return;
    }
    SOON.execute(this::look);
  }

  @Override
  public void close() {
    closed = true;
  }
}
