package io.calco.store.backend;

import java.time.Duration;

/// How often a call is made again that failed for the moment, and how long it waits in between:
/// each time twice as long, and up to a quarter of that more or less, so that many do not return at
/// once.
///
/// @param attempts how often it is made at most, 1 or more
/// @param first how long to wait after the first
/// @param longest the longest wait
public record Retries(int attempts, Duration first, Duration longest) {
  /// Checks the ranges.
  public Retries {
    if (attempts < 1 || first.isNegative() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "%d attempts, %s to %s apart".formatted(attempts, first, longest));
    }
  }

  /// Eight attempts in about a minute: a server that starts again, a line that comes back.
  public static Retries defaults() {
    return new Retries(8, Duration.ofMillis(500), Duration.ofSeconds(30));
  }

  /// One attempt.
  public static Retries none() {
    return new Retries(1, Duration.ZERO, Duration.ZERO);
  }

  /// How long to wait after an attempt.
  ///
  /// @param attempt counted from 1
  /// @param chance 0 to 1
  Duration pause(int attempt, double chance) {
    long doubled = first.toMillis() << Math.min(attempt - 1, 20);
    long millis = Math.min(doubled, longest.toMillis());
    return Duration.ofMillis(millis - millis / 4 + (long) (chance * (millis / 2.0)));
  }
}
