package io.calco.engine;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A size as users write it, absolute or relative.
///
/// @param kind what the number means
/// @param bytes at least 0
public record SizeChange(Kind kind, long bytes) {
  private static final Pattern FORM =
      Pattern.compile(
          "([+-]?)(\\d+)(?:\\.(\\d{1,6}))?([bkmgtpe]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);

  /// What the number means.
  public enum Kind {
    /// The size itself.
    ABSOLUTE,
    /// So much more.
    GROW_BY,
    /// So much less.
    SHRINK_BY
  }

  /// Reads `20G`, `1.5T`, `512`, `+5G`, `-1G`; units are powers of 1024.
  ///
  /// @throws OperationException when it is no size
  public static SizeChange parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw bad(text);
    }
    int shift = 10 * Math.max(0, "bkmgtpe".indexOf(form.group(4).toLowerCase(Locale.ROOT)));
    if (form.group(4).isEmpty()) {
      shift = 0;
    }
    try {
      long bytes = Math.multiplyExact(Long.parseLong(form.group(2)), 1L << shift);
      if (form.group(3) != null) {
        double fraction = Double.parseDouble("0." + form.group(3)) * (1L << shift);
        bytes = Math.addExact(bytes, (long) fraction);
      }
      Kind kind =
          switch (form.group(1)) {
            case "+" -> Kind.GROW_BY;
            case "-" -> Kind.SHRINK_BY;
            default -> Kind.ABSOLUTE;
          };
      return new SizeChange(kind, bytes);
    } catch (ArithmeticException | NumberFormatException e) {
      throw bad(text);
    }
  }

  private static OperationException bad(String text) {
    return new OperationException(
        OperationException.Kind.USAGE,
        "\"%s\" is not a size".formatted(text),
        "write a number with a unit: 512M, 20G, 1.5T; +5G for so much more");
  }

  /// Reads a size that must be absolute, in bytes.
  public static long parseBytes(String text) {
    SizeChange size = parse(text);
    if (size.kind() != Kind.ABSOLUTE) {
      throw bad(text);
    }
    return size.bytes();
  }

  /// The size that this makes of `now`, in bytes.
  public long from(long now) {
    long next =
        switch (kind) {
          case ABSOLUTE -> bytes;
          case GROW_BY -> Math.addExact(now, bytes);
          case SHRINK_BY -> now - bytes;
        };
    if (next < 0) {
      throw new OperationException(
          OperationException.Kind.USAGE,
          "%d bytes less than %d is below nothing".formatted(bytes, now));
    }
    return next;
  }
}
