package io.calco.catalog.plan;

import java.util.Locale;

/// How a run, or a step of one, is.
public enum RunState {
  /// It has not ended, or nobody could say so.
  RUNNING,
  /// All was done.
  DONE,
  /// Something was not.
  FAILED,
  /// Somebody stopped it.
  CANCELLED,
  /// Its process ended before it did.
  INTERRUPTED;

  /// As it is written.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The one that is written so.
  public static RunState of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
