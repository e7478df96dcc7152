package io.calco.engine.plan;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// When something is due. Pure: it looks at nothing but its arguments.
///
/// Written as [#parse] understands it.
public sealed interface Schedule {
  /// The first moment after another at which it is due; empty for never.
  ///
  /// @param zone whose days and hours are meant
  Optional<Instant> next(Instant after, ZoneId zone);

  /// Understands:
  ///
  /// | | |
  /// |---|---|
  /// | `by hand` | never by itself |
  /// | `every 6h` | also `m` and `d`; from midnight UTC of 1970-01-01 on, so `every 6h` is at 0, 6, 12 and 18 o'clock UTC all year |
  /// | `hourly` | at the full hour |
  /// | `daily at 02:30`, `weekdays at 12:00, 20:00` | |
  /// | `monday, thursday at 03:00` | also `mon`, `thu` |
  /// | `monthly on 1, 15 at 04:00` | days that a month does not have are passed over |
  /// | `30 2 * * 1-5` | as crontab(5) has it, but for names |
  ///
  /// @throws io.calco.engine.OperationException USAGE when it cannot be understood, or is never due
  static Schedule parse(String text) {
    return new ScheduleText(text).parse();
  }

  /// Only when somebody asks for it.
  record ByHand() implements Schedule {
    @Override
    public Optional<Instant> next(Instant after, ZoneId zone) {
      return Optional.empty();
    }
  }

  /// Again and again, whatever the clocks on the wall show.
  ///
  /// @param interval a minute to 366 days, in whole minutes
  record Every(Duration interval) implements Schedule {
    static final Duration LONGEST = Duration.ofDays(366);

    /// Checks the range.
    public Every {
      if (interval.compareTo(Duration.ofMinutes(1)) < 0
          || interval.compareTo(LONGEST) > 0
          || !interval.equals(interval.truncatedTo(ChronoUnit.MINUTES))) {
        throw new IllegalArgumentException("interval " + interval);
      }
    }

    @Override
    public Optional<Instant> next(Instant after, ZoneId zone) {
      long seconds = interval.toSeconds();
      long step = Math.floorDiv(after.getEpochSecond(), seconds) + 1;
      return Optional.of(Instant.ofEpochSecond(Math.multiplyExact(step, seconds)));
    }
  }

  /// At times of some days. A time that the clocks leave out in spring is as much later; one that
  /// comes twice in autumn is meant the first time.
  ///
  /// @param times of each day
  /// @param days which days
  record At(SortedSet<LocalTime> times, Days days) implements Schedule {
    /// Ours: of 29 February the next is at most eight years away.
    private static final int AHEAD_DAYS = 8 * 366 + 2;

    /// Copies the set.
    public At {
      times = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(times));
    }

    @Override
    public Optional<Instant> next(Instant after, ZoneId zone) {
      // From the day before: its last times may have been moved to this one.
      LocalDate day = after.atZone(zone).toLocalDate().minusDays(1);
      for (int i = 0; i < AHEAD_DAYS; i++, day = day.plusDays(1)) {
        if (days.contains(day)) {
          LocalDate date = day;
          Optional<Instant> first =
              times.stream()
                  .map(time -> ZonedDateTime.of(date, time, zone).toInstant())
                  .filter(moment -> moment.isAfter(after))
                  .min(Instant::compareTo);
          if (first.isPresent()) {
            return first;
          }
        }
      }
      return Optional.empty();
    }
  }

  /// Which days. Bit n of a set stands for n.
  ///
  /// @param months 1 to 12
  /// @param ofMonth 1 to 31
  /// @param ofWeek 1 to 7, from Monday
  /// @param match what is needed of the last two
  record Days(int months, int ofMonth, int ofWeek, Match match) {
    static final int ALL_MONTHS = 0x1ffe;
    static final int ALL_OF_MONTH = 0xffff_fffe;
    static final int ALL_OF_WEEK = 0xfe;

    /// How days of the month and of the week go together.
    public enum Match {
      /// Both must hold.
      BOTH,
      /// Either will do: what cron does when neither is `*`.
      EITHER
    }

    static Days everyDay() {
      return new Days(ALL_MONTHS, ALL_OF_MONTH, ALL_OF_WEEK, Match.BOTH);
    }

    boolean contains(LocalDate day) {
      boolean month = (ofMonth >>> day.getDayOfMonth() & 1) != 0;
      boolean week = (ofWeek >>> day.getDayOfWeek().getValue() & 1) != 0;
      return (months >>> day.getMonthValue() & 1) != 0
          && (match == Match.BOTH ? month && week : month || week);
    }
  }
}
