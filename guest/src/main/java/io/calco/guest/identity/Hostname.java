package io.calco.guest.identity;

import java.util.regex.Pattern;

/// A machine's name: labels of letters, digits and inner hyphens, with dots between (RFC 1123), at
/// most 64 characters (Linux' HOST_NAME_MAX).
///
/// @param value the whole name; may be qualified
public record Hostname(String value) {
  private static final int MAX_LENGTH = 64;
  private static final Pattern LABELS =
      Pattern.compile(
          "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*");

  /// The name of a machine that has none of its own; hostname(5) lets DHCP choose another then.
  public static final Hostname NONE = new Hostname("localhost");

  /// Checks the name.
  public Hostname {
    if (value.length() > MAX_LENGTH || !LABELS.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "host name %s: expected letters, digits, inner hyphens and dots, at most 64 characters"
              .formatted(io.calco.guest.PrintableText.of(value)));
    }
  }

  /// The part before the first dot.
  public String label() {
    int dot = value.indexOf('.');
    return dot < 0 ? value : value.substring(0, dot);
  }

  @Override
  public String toString() {
    return value;
  }
}
