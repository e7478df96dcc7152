package io.calco.server.web.backup;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A line of time for a picture: places are in percent of its width.
///
/// @param from its left end
/// @param to its right end
/// @param marks days that are named on it, ascending
record TimeLine(Instant from, Instant to, List<Mark> marks) {
  /// What stands at either end, so that a dot is not cut.
  private static final double MARGIN = 2;

  private static final int MARKS_MAX = 5;
  private static final Duration LEAST = Duration.ofHours(1);

  TimeLine {
    marks = List.copyOf(marks);
  }

  /// A moment that is named.
  ///
  /// @param x its place
  /// @param text what it is called
  record Mark(String x, String text) {}

  /// The line from the first of some moments up to now.
  static TimeLine of(Instant first, Instant now, Locale locale) {
    Instant from = first.isBefore(now.minus(LEAST)) ? first : now.minus(LEAST);
    TimeLine bare = new TimeLine(from, now, List.of());
    return new TimeLine(from, now, bare.days(locale));
  }

  private List<Mark> days(Locale locale) {
    LocalDate first = from.atOffset(ZoneOffset.UTC).toLocalDate();
    long days = Math.max(1, Duration.between(from, to).toDays());
    long step = Math.ceilDiv(days, MARKS_MAX);
    boolean years = days > 366;
    DateTimeFormatter format =
        DateTimeFormatter.ofPattern(years ? "MMM yyyy" : "d MMM", locale).withZone(ZoneOffset.UTC);
    List<Mark> named = new ArrayList<>();
    for (int i = 1; i <= MARKS_MAX + 1; i++) {
      Instant day = first.plusDays(i * step).atStartOfDay(ZoneOffset.UTC).toInstant();
      if (day.isBefore(to) && place(day) < 94) {
        named.add(new Mark(x(day), format.format(day)));
      }
    }
    return named;
  }

  /// Where a moment lies.
  String x(Instant moment) {
    return String.format(Locale.ROOT, "%.2f%%", place(moment));
  }

  private double place(Instant moment) {
    double whole = Math.max(1, Duration.between(from, to).toMillis());
    double share = Duration.between(from, moment).toMillis() / whole;
    return MARGIN + Math.clamp(share, 0, 1) * (100 - 2 * MARGIN);
  }
}
