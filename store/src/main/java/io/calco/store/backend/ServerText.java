package io.calco.store.backend;

import org.jspecify.annotations.Nullable;

/// What a server says, as far as it may stand in a message.
public final class ServerText {
  private static final int LENGTH_MAX = 160;

  private ServerText() {}

  /// One line of at most 160 characters, without any that does something to a terminal.
  public static String line(@Nullable String said) {
    String shown = String.valueOf(said).replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
    return shown.length() > LENGTH_MAX ? shown.substring(0, LENGTH_MAX) + "…" : shown;
  }
}
