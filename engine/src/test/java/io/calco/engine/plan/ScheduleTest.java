package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.OperationException;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  private static final ZoneId MADRID = ZoneId.of("Europe/Madrid");
  private static final List<String> ZONES =
      List.of("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC");
  private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
  private static final Pattern ELAPSE =
      Pattern.compile("(?:Next elapse|Iter. #[0-9]+): \\w+ ([0-9-]+ [0-9:]+) UTC");
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private static List<Instant> next(String schedule, Instant after, ZoneId zone, int count) {
    List<Instant> moments = new ArrayList<>();
    Instant last = after;
    for (int i = 0; i < count; i++) {
      last = Schedule.parse(schedule).next(last, zone).orElseThrow();
      moments.add(last);
    }
    return moments;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "daily at 02:30 | 2026-11-22T02:30:00Z | 2026-11-23T02:30:00Z",
        "daily at 02:30, 14:00 | 2026-11-22T02:30:00Z | 2026-11-22T14:00:00Z",
        "weekdays at 20:00 | 2026-11-20T20:00:00Z | 2026-11-23T20:00:00Z",
        "sunday at 3:00 | 2026-11-22T03:00:00Z | 2026-11-29T03:00:00Z",
        "Mon, thursday at 03:00 | 2026-11-23T03:00:00Z | 2026-11-26T03:00:00Z",
        "monthly on 31 at 04:00 | 2026-11-22T00:00:00Z | 2026-12-31T04:00:00Z",
        "monthly on 1, 15 at 04:00 | 2026-11-22T00:00:00Z | 2026-12-01T04:00:00Z",
        "every 6h | 2026-11-22T01:00:00Z | 2026-11-22T06:00:00Z",
        "every 6h | 2026-11-22T06:00:00Z | 2026-11-22T12:00:00Z",
        "every 90m | 2026-11-22T00:00:00Z | 2026-11-22T01:30:00Z",
        "hourly | 2026-11-22T01:00:00.5Z | 2026-11-22T02:00:00Z",
        "30 2 * * 1-5 | 2026-11-22T00:00:00Z | 2026-11-23T02:30:00Z",
        "*/20 8-9 * * 0 | 2026-11-22T08:45:00Z | 2026-11-22T09:00:00Z",
        "0 0 29 2 * | 2026-11-22T00:00:00Z | 2028-02-29T00:00:00Z",
        "0 0 29 2 * | 2096-11-22T00:00:00Z | 2104-02-29T00:00:00Z",
        "0 0 13 * 5 | 2026-11-22T00:00:00Z | 2026-11-27T00:00:00Z",
        "5/15 * * * 7 | 2026-11-22T00:06:00Z | 2026-11-22T00:20:00Z",
      })
  void saysWhen(String schedule, Instant after, Instant next) {
    assertThat(next(schedule, after, ZoneOffset.UTC, 1)).containsExactly(next);
  }

  @Test
  void byHandIsNever() {
    assertThat(Schedule.parse("by hand").next(Instant.EPOCH, MADRID)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sometimes",
        "daily",
        "daily at 24:00",
        "daily at 2:60",
        "daily at",
        "monthly at 04:00",
        "daily on 3 at 04:00",
        "monthly on 0 at 04:00",
        "monthly on 32 at 04:00",
        "every 0h",
        "every 367d",
        "every 999999d",
        "every 1s",
        "fooday at 03:00",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "*-5 * * * *",
        "* * * *",
        "0 0 30 2 *",
        "1,,2 * * * *",
      })
  void refusesWhatCannotBeMeant(String text) {
    assertThatThrownBy(() -> Schedule.parse(text)).isInstanceOf(OperationException.class);
    assertThatThrownBy(() -> Schedule.parse(text + "x".repeat(100_000)))
        .isInstanceOf(OperationException.class);
  }

  @Test
  void aTimeThatIsLeftOutInSpringIsLater() {
    // 29 March 2026: 02:00 becomes 03:00.
    Instant before = Instant.parse("2026-03-28T12:00:00Z");
    assertThat(next("daily at 02:30", before, MADRID, 2))
        .containsExactly(
            Instant.parse("2026-03-29T01:30:00Z"), Instant.parse("2026-03-30T00:30:00Z"));
    assertThat(next("*/30 * * * *", Instant.parse("2026-03-29T00:30:00Z"), MADRID, 4))
        .containsExactly(
            Instant.parse("2026-03-29T01:00:00Z"),
            Instant.parse("2026-03-29T01:30:00Z"),
            Instant.parse("2026-03-29T02:00:00Z"),
            Instant.parse("2026-03-29T02:30:00Z"));
  }

  @Test
  void aTimeThatComesTwiceInAutumnIsMeantOnce() {
    // 25 October 2026: 03:00 becomes 02:00.
    Instant before = Instant.parse("2026-10-24T12:00:00Z");
    assertThat(next("daily at 02:30", before, MADRID, 2))
        .containsExactly(
            Instant.parse("2026-10-25T00:30:00Z"), Instant.parse("2026-10-26T01:30:00Z"));
    assertThat(next("every 30m", Instant.parse("2026-10-25T00:00:00Z"), MADRID, 3))
        .containsExactly(
            Instant.parse("2026-10-25T00:30:00Z"),
            Instant.parse("2026-10-25T01:00:00Z"),
            Instant.parse("2026-10-25T01:30:00Z"));
  }

  @Test
  void isWhenSystemdSays() {
    Oracle systemd = Oracle.named("systemd-analyze");
    Seeds.run(
        25,
        random -> {
          String zone = ZONES.get(random.nextInt(ZONES.size()));
          // Not at an hour that is left out or comes twice: there the two mean otherwise.
          int hour = 4 + random.nextInt(20);
          int minute = random.nextInt(60);
          Instant base =
              Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextLong(40_000_000L));
          Pair pair = pair(random, hour, minute);
          Oracle.Run run =
              systemd
                  .run(
                      "calendar",
                      "--iterations=8",
                      "--base-time=" + MOMENT.format(base.atZone(ZoneOffset.UTC)) + " UTC",
                      pair.systemd + " " + zone)
                  .succeeds();
          List<Instant> expected =
              ELAPSE
                  .matcher(run.out())
                  .results()
                  .map(ScheduleTest::moment)
                  .collect(Collectors.toList());
          assertThat(expected).as(run.out()).hasSize(8);
          assertThat(next(pair.ours, base, ZoneId.of(zone), 8))
              .as("%s in %s after %s", pair, zone, base)
              .isEqualTo(expected);
        });
  }

  private static Instant moment(MatchResult found) {
    return LocalDateTime.parse(found.group(1), MOMENT).toInstant(ZoneOffset.UTC);
  }

  /// The same in two languages.
  private record Pair(String ours, String systemd) {}

  private static Pair pair(Random random, int hour, int minute) {
    String time = "%d:%02d:00".formatted(hour, minute);
    String at = " at %d:%02d".formatted(hour, minute);
    int one = random.nextInt(7);
    int other = random.nextInt(7);
    int day = 1 + random.nextInt(31);
    int month = 1 + random.nextInt(12);
    int step = 1 + random.nextInt(20);
    int early = minute % 30; // systemd wants the first step to be within the hour
    return switch (random.nextInt(6)) {
      case 0 -> new Pair("daily" + at, "*-*-* " + time);
      case 1 -> new Pair("weekdays" + at, "Mon..Fri *-*-* " + time);
      case 2 ->
          new Pair(
              DAYS.get(one) + ", " + DAYS.get(other) + at,
              DAYS.get(one) + "," + DAYS.get(other) + " *-*-* " + time);
      case 3 -> new Pair("monthly on " + day + at, "*-*-%d %s".formatted(day, time));
      case 4 ->
          new Pair(
              "%d/%d %d * %d *".formatted(early, step, hour, month),
              "*-%d-* %d:%d/%d:00".formatted(month, hour, early, step));
      default ->
          new Pair(
              "%d %d * * %d".formatted(minute, hour, one + 1), DAYS.get(one) + " *-*-* " + time);
    };
  }
}
