package io.calco.guest.registry;

import java.time.Instant;

/// Windows' FILETIME: units of 100 ns since 1601, unsigned.
public final class FileTime {
  private static final long EPOCH_SECONDS = -11_644_473_600L; // 1601-01-01T00:00:00Z
  private static final long PER_SECOND = 10_000_000L;

  private FileTime() {}

  /// The moment; any number is one.
  public static Instant toInstant(long fileTime) {
    long seconds = Long.divideUnsigned(fileTime, PER_SECOND);
    long rest = Long.remainderUnsigned(fileTime, PER_SECOND);
    return Instant.ofEpochSecond(EPOCH_SECONDS + seconds, rest * 100);
  }

  /// The number, the moment cut to 100 ns; between the years 1601 and 30,000.
  public static long of(Instant moment) {
    return Math.addExact(
        Math.multiplyExact(moment.getEpochSecond() - EPOCH_SECONDS, PER_SECOND),
        moment.getNano() / 100);
  }
}
