package io.calco.engine.plan;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TimeSpan;
import io.calco.engine.plan.Schedule.At;
import io.calco.engine.plan.Schedule.ByHand;
import io.calco.engine.plan.Schedule.Days;
import io.calco.engine.plan.Schedule.Days.Match;
import io.calco.engine.plan.Schedule.Every;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Takes the words of a schedule apart. Confined.
final class ScheduleText {
  private static final int LENGTH_MAX = 200;
  private static final int WEEKDAYS = 0x3e;
  private static final Pattern EVERY = Pattern.compile("every ([1-9][0-9]{0,5}) ?([mhd])");
  private static final Pattern AT =
      Pattern.compile("([a-z, ]+?)(?: on ([0-9, ]+))? at ([0-9:, ]+)");
  private static final Pattern TIME = Pattern.compile("([01]?[0-9]|2[0-3]):([0-5][0-9])");
  private static final Pattern CRON_PART =
      Pattern.compile("(\\*|[0-9]{1,2})(?:-([0-9]{1,2}))?(?:/([0-9]{1,2}))?");
  private static final int CRON_FIELDS = 5;

  private final String text;

  ScheduleText(String text) {
    this.text = text.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
  }

  Schedule parse() {
    Schedule schedule = read();
    if (isNever(schedule)) {
      throw new OperationException(
          Kind.USAGE,
          "the schedule \"%s\" is never due".formatted(text),
          "only asked for: by hand");
    }
    return schedule;
  }

  /// Whether a text that is a schedule is ever due, or only when asked for.
  ///
  /// @throws OperationException USAGE when it is no schedule
  static boolean understands(String text) {
    return !isNever(new ScheduleText(text).read());
  }

  private static boolean isNever(Schedule schedule) {
    return !(schedule instanceof ByHand) && schedule.next(Instant.EPOCH, ZoneOffset.UTC).isEmpty();
  }

  private Schedule read() {
    if (text.length() > LENGTH_MAX) {
      throw unknown();
    }
    return switch (text) {
      case "by hand" -> new ByHand();
      case "hourly" -> new Every(Duration.ofHours(1));
      default -> words();
    };
  }

  private OperationException unknown() {
    return new OperationException(
        Kind.USAGE,
        "\"%s\" is no schedule".formatted(text.substring(0, Math.min(text.length(), LENGTH_MAX))),
        "such as: daily at 02:30, every 6h, weekdays at 20:00, sunday at 03:00,"
            + " monthly on 1 at 04:00, 30 2 * * 1-5, by hand");
  }

  private Schedule words() {
    Matcher every = EVERY.matcher(text);
    if (every.matches()) {
      Duration interval = TimeSpan.find(every.group(1) + every.group(2)).orElseThrow();
      if (interval.compareTo(Every.LONGEST) > 0) {
        throw unknown();
      }
      return new Every(interval);
    }
    Matcher at = AT.matcher(text);
    return at.matches() ? at(at.group(1), at.group(2), at.group(3)) : cron();
  }

  private At at(String which, @org.jspecify.annotations.Nullable String dates, String times) {
    if (which.equals("monthly") == (dates == null)) {
      throw unknown();
    }
    if (dates != null) {
      int ofMonth = 0;
      for (String date : dates.split(" ?, ?", -1)) {
        ofMonth |= 1 << number(date, 1, 31);
      }
      return new At(times(times), new Days(Days.ALL_MONTHS, ofMonth, Days.ALL_OF_WEEK, Match.BOTH));
    }
    int ofWeek =
        switch (which) {
          case "daily" -> Days.ALL_OF_WEEK;
          case "weekdays" -> WEEKDAYS;
          default -> {
            int named = 0;
            for (String day : which.split(" ?, ?", -1)) {
              named |= 1 << dayOfWeek(day);
            }
            yield named;
          }
        };
    return new At(times(times), new Days(Days.ALL_MONTHS, Days.ALL_OF_MONTH, ofWeek, Match.BOTH));
  }

  private int dayOfWeek(String name) {
    return Arrays.stream(DayOfWeek.values())
        .filter(day -> {
          String whole = day.name().toLowerCase(Locale.ROOT);
          return name.equals(whole) || name.equals(whole.substring(0, 3));
        })
        .findFirst()
        .orElseThrow(this::unknown)
        .getValue();
  }

  private SortedSet<LocalTime> times(String list) {
    SortedSet<LocalTime> times = new TreeSet<>();
    for (String one : list.split(" ?, ?", -1)) {
      Matcher time = TIME.matcher(one);
      if (!time.matches()) {
        throw unknown();
      }
      times.add(LocalTime.of(Integer.parseInt(time.group(1)), Integer.parseInt(time.group(2))));
    }
    return times;
  }

  private int number(String digits, int least, int most) {
    if (!digits.matches("[0-9]{1,2}")
        || Integer.parseInt(digits) < least
        || Integer.parseInt(digits) > most) {
      throw unknown();
    }
    return Integer.parseInt(digits);
  }

  private At cron() {
    String[] fields = text.split(" ", -1);
    if (fields.length != CRON_FIELDS) {
      throw unknown();
    }
    long minutes = field(fields[0], 0, 59);
    long hours = field(fields[1], 0, 23);
    SortedSet<LocalTime> times = new TreeSet<>();
    for (int hour = 0; hour < 24; hour++) {
      for (int minute = 0; minute < 60; minute++) {
        if ((hours >>> hour & 1) != 0 && (minutes >>> minute & 1) != 0) {
          times.add(LocalTime.of(hour, minute));
        }
      }
    }
    long week = field(fields[4], 0, 7); // 0 and 7 are Sunday
    int ofWeek = (int) ((week & Days.ALL_OF_WEEK) | (week & 1) << 7);
    boolean either = !fields[2].startsWith("*") && !fields[4].startsWith("*");
    return new At(
        times,
        new Days(
            (int) field(fields[3], 1, 12),
            (int) field(fields[2], 1, 31),
            ofWeek,
            either ? Match.EITHER : Match.BOTH));
  }

  private long field(String field, int least, int most) {
    long set = 0;
    for (String part : field.split(",", -1)) {
      Matcher range = CRON_PART.matcher(part);
      if (!range.matches() || part.startsWith("*-")) {
        throw unknown();
      }
      boolean all = range.group(1).equals("*");
      int first = all ? least : number(range.group(1), least, most);
      boolean open = all || range.group(2) == null && range.group(3) != null;
      int last = open ? most : range.group(2) == null ? first : number(range.group(2), first, most);
      int step = range.group(3) == null ? 1 : number(range.group(3), 1, most);
      set |=
          IntStream.iterate(first, n -> n <= last, n -> n + step)
              .mapToLong(n -> 1L << n)
              .reduce(0, (a, b) -> a | b);
    }
    return set;
  }
}
