package io.calco.server.web;

import java.util.Locale;

/// Which of the two looks of a page is shown.
public enum Theme {
  /// What the browser prefers.
  AUTO,
  /// Dark on light.
  LIGHT,
  /// Light on dark.
  DARK;

  /// As it is written in a cookie and in a page.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Theme of(String text) {
    for (Theme theme : values()) {
      if (theme.text().equals(text)) {
        return theme;
      }
    }
    return AUTO;
  }
}
