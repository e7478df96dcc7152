package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Seeds;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Which points a policy keeps.
class RetentionTest {
  private static final ZoneId MADRID = ZoneId.of("Europe/Madrid");

  private static RestorePoint at(String time) {
    return Points.at(Instant.parse(time), "m", Remarks.none());
  }

  private static RetentionPolicy keep(
      int last, int hourly, int daily, int weekly, int monthly, int yearly) {
    return new RetentionPolicy(last, hourly, daily, weekly, monthly, yearly, Set.of(), MADRID);
  }

  private static List<String> kept(List<RestorePoint> points, RetentionPolicy policy) {
    return Retention.judge(points, policy).stream()
        .filter(Retention.Verdict::kept)
        .map(verdict -> verdict.point().created() + " " + verdict.reasons())
        .toList();
  }

  @Test
  void theNewestOfEachDayStandsForIt() {
    List<RestorePoint> points =
        List.of(
            at("2026-11-19T08:00:00Z"),
            at("2026-11-20T08:00:00Z"),
            at("2026-11-20T22:59:00Z"), // 23:59 in Madrid
            at("2026-11-20T23:00:00Z"), // the next day there
            at("2026-11-21T21:00:00Z"));
    assertThat(kept(points, keep(0, 0, 2, 0, 0, 0)))
        .containsExactly("2026-11-21T21:00:00Z [daily]", "2026-11-20T22:59:00Z [daily]");
    assertThat(kept(points, keep(1, 0, 9, 0, 1, 9)))
        .containsExactly(
            "2026-11-21T21:00:00Z [last, daily, monthly, yearly]",
            "2026-11-20T22:59:00Z [daily]",
            "2026-11-19T08:00:00Z [daily]");
  }

  @Test
  void weeksAreThoseOfTheStandard() {
    List<RestorePoint> points =
        List.of(
            at("2026-12-28T12:00:00Z"), // Monday of week 53 of 2026
            at("2027-01-03T12:00:00Z"), // its Sunday
            at("2027-01-04T12:00:00Z"));
    assertThat(kept(points, keep(0, 0, 0, 5, 0, 0)))
        .containsExactly("2027-01-04T12:00:00Z [weekly]", "2027-01-03T12:00:00Z [weekly]");
  }

  @Test
  void theHourThatComesTwiceIsTwoHours() {
    List<RestorePoint> points =
        List.of(at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z")); // both 02:30 in Madrid
    assertThat(kept(points, keep(0, 5, 0, 0, 0, 0))).hasSize(2);
  }

  @Test
  void holdsAndTagsStayAndMachinesAreApart() {
    Instant when = Instant.parse("2026-11-21T00:00:00Z");
    Remarks held = new Remarks(Optional.empty(), List.of(), Optional.empty(), Optional.of("audit"));
    Remarks tagged =
        new Remarks(Optional.empty(), List.of("gold", "x"), Optional.empty(), Optional.empty());
    List<RestorePoint> points =
        List.of(
            Points.at(when, "a", held),
            Points.at(when.plusSeconds(1), "a", tagged),
            Points.at(when.plusSeconds(2), "a", Remarks.none()),
            Points.at(when.plusSeconds(3), "a", Remarks.none()),
            Points.at(when, "b", Remarks.none()));
    RetentionPolicy policy = new RetentionPolicy(1, 0, 0, 0, 0, 0, Set.of("gold"), MADRID);
    assertThat(Retention.judge(points, policy))
        .extracting(verdict -> verdict.point().machine() + verdict.reasons())
        .containsExactly("a[last]", "a[]", "a[tag gold]", "a[hold]", "b[last]");
  }

  /// Of any points: a policy keeps of each kind no more than it says, never loses the newest, keeps
  /// no fewer when it is widened, and the order in which points are given means nothing.
  @Test
  void holdsForAnyPoints() {
    Seeds.run(
        200,
        random -> {
          List<RestorePoint> points = new ArrayList<>();
          Instant time = Instant.parse("2026-01-01T00:00:00Z");
          for (int i = random.nextInt(60); i > 0; i--) {
            time = time.plus(random.nextInt(1, 2000), ChronoUnit.MINUTES);
            points.add(Points.at(time, "m", Remarks.none()));
          }
          RetentionPolicy policy = policy(random, 6);
          List<Retention.Verdict> verdicts = Retention.judge(points, policy);
          assertThat(verdicts).hasSameSizeAs(points);
          bounded(verdicts, "last", policy.last(), p -> p.created().toString());
          bounded(verdicts, "daily", policy.daily(), p -> day(p).toString());
          bounded(verdicts, "monthly", policy.monthly(), p -> day(p).toString().substring(0, 7));
          bounded(verdicts, "yearly", policy.yearly(), p -> String.valueOf(day(p).getYear()));
          if (!policy.isEmpty() && !points.isEmpty()) {
            assertThat(verdicts.getFirst().kept()).isTrue();
          }
          List<RestorePoint> shuffled = new ArrayList<>(points);
          Collections.shuffle(shuffled, random);
          assertThat(Retention.judge(shuffled, policy)).isEqualTo(verdicts);
          RetentionPolicy wider =
              new RetentionPolicy(
                  policy.last() + 1,
                  policy.hourly() + 1,
                  policy.daily() + 1,
                  policy.weekly() + 1,
                  policy.monthly() + 1,
                  policy.yearly() + 1,
                  Set.of(),
                  MADRID);
          assertThat(kept(points, wider).size())
              .isGreaterThanOrEqualTo(kept(points, policy).size());
        });
  }

  private static RetentionPolicy policy(Random random, int most) {
    return keep(
        random.nextInt(most),
        random.nextInt(most),
        random.nextInt(most),
        random.nextInt(most),
        random.nextInt(most),
        random.nextInt(most));
  }

  private static LocalDate day(RestorePoint point) {
    return point.created().atZone(MADRID).toLocalDate();
  }

  private static void bounded(
      List<Retention.Verdict> verdicts,
      String reason,
      int most,
      Function<RestorePoint, String> period) {
    List<String> periods =
        verdicts.stream()
            .filter(verdict -> verdict.reasons().contains(reason))
            .map(verdict -> period.apply(verdict.point()))
            .toList();
    assertThat(periods).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(most);
    long there = verdicts.stream().map(v -> period.apply(v.point())).distinct().count();
    assertThat(periods).hasSize((int) Math.min(most, there));
  }
}
