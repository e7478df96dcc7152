package io.calco.cli;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.time.Duration;

/// Lengths of time as a user gives them.
final class TimeSpan {
  private TimeSpan() {}

  /// `90s`, `5m`, `1h`; a number alone is seconds.
  static Duration parse(String text) {
    if (!text.matches("[0-9]{1,6}[smh]?")) {
      throw new OperationException(
          Kind.USAGE, "\"%s\" is no length of time".formatted(text), "such as 90s, 5m, 1h");
    }
    long number = Long.parseLong(text.replaceFirst("[smh]$", ""));
    return switch (text.charAt(text.length() - 1)) {
      case 'm' -> Duration.ofMinutes(number);
      case 'h' -> Duration.ofHours(number);
      default -> Duration.ofSeconds(number);
    };
  }
}
