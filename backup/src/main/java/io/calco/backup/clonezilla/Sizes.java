package io.calco.backup.clonezilla;

import java.util.Locale;

/// Sizes as other programs print them for people.
final class Sizes {
  private static final String[] DECIMAL = {"B", "kB", "MB", "GB", "TB", "PB"};
  private static final String BINARY = "BKMGTPE";

  private Sizes() {}

  /// As parted's compact unit: `419MB`, `36.7MB`, `1049kB`.
  static String decimal(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 10_000 && unit < DECIMAL.length - 1
        || unit > 0 && value >= 1000 && unit < DECIMAL.length - 1) {
      value /= 1000;
      unit++;
    }
    String shape = value >= 100 || unit == 0 ? "%.0f%s" : value >= 10 ? "%.1f%s" : "%.2f%s";
    return shape.formatted(value, DECIMAL[unit]);
  }

  /// As lsblk: `34M`, `1.5G`.
  static String binary(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < BINARY.length() - 1) {
      value /= 1024;
      unit++;
    }
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.replaceFirst("\\.0$", "") + BINARY.charAt(unit);
  }
}
