package io.calco.engine.jobs;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/// How far the step is that a job is at.
///
/// @param step what is done, in a few words for a person
/// @param done units done
/// @param total units in all; 0 while that is not known
/// @param unit of both
/// @param elapsed since the step began
public record JobProgress(String step, long done, long total, Unit unit, Duration elapsed) {
  /// What is counted.
  public enum Unit {
    /// Bytes.
    BYTES,
    /// Things: clones, files, images.
    ITEMS
  }

  /// From fewer nothing is foretold.
  private static final Duration FORETOLD_AFTER = Duration.ofMillis(500);

  /// How much of the step is done, 0 to 100; empty while its end is not known.
  public OptionalInt percent() {
    return total <= 0
        ? OptionalInt.empty()
        : OptionalInt.of((int) Math.clamp(Math.floor(100.0 * done / total), 0, 100));
  }

  /// Units in a second since the step began.
  public double perSecond() {
    return done / Math.max(1e-3, elapsed.toNanos() / 1e9);
  }

  /// How long the rest of the step will take, at the speed it has had.
  public Optional<Duration> left() {
    if (total <= 0 || done <= 0 || elapsed.compareTo(FORETOLD_AFTER) < 0) {
      return Optional.empty();
    }
    double seconds = Math.max(0, total - done) / perSecond();
    return Optional.of(Duration.ofMillis((long) Math.min(seconds * 1000, Long.MAX_VALUE / 2.0)));
  }

  /// As a job's record has it: `1200 5 10 BYTES copying`.
  String encode() {
    return "%d %d %d %s %s".formatted(elapsed.toMillis(), done, total, unit, step);
  }

  /// What [#encode] wrote; empty for what it did not.
  static Optional<JobProgress> decode(String line) {
    String[] parts = line.split(" ", 5);
    try {
      return parts.length == 5
          ? Optional.of(
              new JobProgress(
                  parts[4],
                  Long.parseLong(parts[1]),
                  Long.parseLong(parts[2]),
                  Unit.valueOf(parts[3]),
                  Duration.ofMillis(Long.parseLong(parts[0]))))
          : Optional.empty();
    } catch (IllegalArgumentException newer) {
      return Optional.empty();
    }
  }
}
