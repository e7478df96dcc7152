package io.calco.engine;

import io.calco.engine.OperationException.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lengths of time as people write them: `90s`, `30m`, `12h`, `30d`.
public final class TimeSpan {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,6})([smhd])");

  private TimeSpan() {}

  /// The time that a text is; empty when it is none.
  ///
  /// @param text at most six digits, and the unit
  public static Optional<Duration> find(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    long count = Long.parseLong(parts.group(1));
    return Optional.of(
        switch (parts.group(2)) {
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        });
  }

  /// The time that somebody gives a command; a number alone is seconds.
  ///
  /// @throws OperationException USAGE when it is none
  public static Duration parse(String text) {
    return find(text.matches("[0-9]+") ? text + "s" : text)
        .orElseThrow(() ->
            new OperationException(
                Kind.USAGE, "\"%s\" is no length of time".formatted(text), "such as 90s, 5m, 1h"));
  }
}
