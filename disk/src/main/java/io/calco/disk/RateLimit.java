package io.calco.disk;

import java.io.InterruptedIOException;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// How many bytes may pass in a second, counted from the first. Thread rule: safe for several
/// threads at once, which share it.
public final class RateLimit {
  private final long bytesPerSecond;
  private long free = System.nanoTime();

  private RateLimit(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /// @param bytesPerSecond at least 1; empty for no limit
  /// @throws IllegalArgumentException when it is less
  public static RateLimit of(OptionalLong bytesPerSecond) {
    if (bytesPerSecond.isPresent() && bytesPerSecond.getAsLong() < 1) {
      throw new IllegalArgumentException("rate " + bytesPerSecond);
    }
    return new RateLimit(bytesPerSecond.orElse(Long.MAX_VALUE));
  }

  /// True when there is one.
  public boolean limits() {
    return bytesPerSecond < Long.MAX_VALUE;
  }

  /// How many may pass in a second; `Long.MAX_VALUE` where nothing is limited.
  public long bytesPerSecond() {
    return bytesPerSecond;
  }

  /// Waits until all bytes that passed before have had their time, and takes time for these.
  ///
  /// @param bytes how many are about to pass
  public void pass(long bytes) throws InterruptedIOException {
    long wait = reserve(bytes);
    if (wait > 0) {
      try {
        TimeUnit.NANOSECONDS.sleep(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for the rate limit");
      }
    }
  }

  private synchronized long reserve(long bytes) {
    long now = System.nanoTime();
    long start = free - now > 0 ? free : now;
    free = start + (long) (1e9 * bytes / bytesPerSecond);
    return start - now;
  }
}
