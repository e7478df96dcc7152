package io.calco.cli;

import java.util.Locale;

/// Values as people read them.
final class Text {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Text() {}

  /// A size with three significant digits: `196 KiB`, `4 GiB`, `1.17 MiB`.
  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    int scale = value >= 99.95 ? 1 : value >= 9.995 ? 10 : 100;
    // Not String.format: the first one in a process loads a locale, 8 ms.
    String number = Double.toString((double) Math.round(value * scale) / scale);
    return (number.endsWith(".0") ? number.substring(0, number.length() - 2) : number)
        + " "
        + UNITS[unit];
  }

  /// A count and its noun: `1 clone`, `2 clones`.
  static String count(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /// Text from an image, safe for a terminal: control characters, and those that turn the direction
  /// of others or cannot be seen, are replaced.
  static String safe(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(c -> out.appendCodePoint(isUnsafe(c) || isLoneSurrogate(c) ? '\uFFFD' : c));
    return out.toString();
  }

  private static boolean isUnsafe(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  private static boolean isLoneSurrogate(int c) {
    return c >= 0xD800 && c <= 0xDFFF;
  }

  /// A duration for a progress display: `8 s`, `2:05`, `1:02:03`.
  static String duration(long seconds) {
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    }
    return String.format(
        Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
