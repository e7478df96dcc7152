package io.calco.catalog.plan;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// A run of a plan.
///
/// @param number of all runs of all plans, ascending
/// @param plan its name
/// @param reason why it was begun
/// @param state how it is
/// @param begunAt when
/// @param endedAt when; empty while it runs
/// @param message one line: what went wrong first; empty when nothing did
public record RunEntry(
    long number,
    String plan,
    Reason reason,
    RunState state,
    Instant begunAt,
    Optional<Instant> endedAt,
    String message) {

  /// Why a run is begun.
  public enum Reason {
    /// Its time had come.
    DUE,
    /// Somebody asked for it.
    ASKED;

    /// As it is written.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The one that is written so.
    public static Reason of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }
}
