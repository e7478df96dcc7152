package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.plan.CopyEntry;
import io.calco.catalog.plan.ReadingEntry;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Plainness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoardTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Plan PLAN =
      PlanFixtures.plan(
          "daily at 02:30",
          List.of("/dev/sda"),
          PlanFixtures.repository("/near", Filling.BACKUP, Keep.all()),
          PlanFixtures.offSite("s3://far", "object", Plainness.WAIVED, Keep.all()));

  private static CopyEntry copy(String repository, int daysOld, String damage) {
    return copy(repository, daysOld, damage, Optional.empty(), Optional.empty());
  }

  private static CopyEntry copy(
      String repository,
      int daysOld,
      String damage,
      Optional<Instant> verified,
      Optional<Instant> tested) {
    return new CopyEntry(
        "p",
        "/dev/sda",
        repository,
        "web1",
        3,
        "id",
        Optional.of(NOW.minus(Duration.ofDays(daysOld))),
        damage,
        verified,
        tested,
        tested.isPresent() ? "booted" : "",
        NOW);
  }

  private static Board.Row row(Plan plan, CopyEntry... seen) {
    return Board.of(plan, List.of(seen), List.of(), NOW, Duration.ofHours(1)).getFirst();
  }

  @Test
  void threeCopiesOnTwoMediaWithOneOffSite() {
    Board.Row row = row(PLAN, copy("/near", 0, ""), copy("s3://far", 1, ""));
    assertThat(row.complete()).isTrue();
    assertThat(row.machine()).isEqualTo("web1");
    assertThat(row.copies()).isEqualTo(3);
    assertThat(row.media()).containsExactly("disk", "object");
    assertThat(row.offSite()).isOne();
    assertThat(row.backedUp()).contains(NOW);
    assertThat(row.verified()).isEmpty();
  }

  @Test
  void saysWhatIsMissing() {
    assertThat(row(PLAN).missing())
        .extracting(Lack::text)
        .containsExactly(
            "1 of 3 copies",
            "1 of 2 media: all is on disk",
            "nothing is off-site",
            "/near: nobody has looked there yet",
            "s3://far: nobody has looked there yet");
    assertThat(row(PLAN, copy("/near", 0, ""), copy("s3://far", 4, "")).missing())
        .extracting(Lack::text)
        .containsExactly(
            "2 of 3 copies",
            "1 of 2 media: all is on disk",
            "nothing is off-site",
            "s3://far: its newest point is of 2026-11-18, and the plan is daily at 02:30");
    assertThat(row(PLAN, copy("/near", 0, "2 runs are lost"), copy("s3://far", 0, "")).missing())
        .extracting(Lack::text)
        .containsExactly("2 of 3 copies", "/near: damaged: 2 runs are lost");
  }

  @Test
  void aCopyIsOldWhenTwoTimesHavePassed() {
    Instant two = Instant.parse("2026-11-24T02:30:00Z");
    CopyEntry near = copy("/near", 0, "");
    for (int minutes : new int[] {59, 61}) {
      Instant then = two.plus(Duration.ofMinutes(minutes));
      assertThat(
              Board.of(PLAN, List.of(near), List.of(), then, Duration.ofHours(1))
                  .getFirst()
                  .copies())
          .isEqualTo(minutes < 60 ? 2 : 1);
    }
    // A point of the future, by a clock that was wrong, is none that is old.
    assertThat(row(PLAN, copy("/near", -400, "")).copies()).isEqualTo(2);
    assertThat(row(PlanFixtures.plan("by hand"), new CopyEntry[0]).copies()).isOne();
  }

  @Test
  void readingAndTryingAreWantedWhenTheyArePlanned() {
    Plan plan = PlanFixtures.caredFor(PLAN, 10, 30);
    Instant read = NOW.minus(Duration.ofDays(9));
    Instant old = NOW.minus(Duration.ofDays(61));
    CopyEntry far = copy("s3://far", 0, "", Optional.of(read), Optional.of(old));
    Board.Row row = row(plan, copy("/near", 0, ""), far);
    assertThat(row.missing())
        .extracting(Lack::text)
        .containsExactly(
            "/near: never read", "/near: never tried", "s3://far: not tried since 2026-09-22");
    assertThat(row.verified()).isEmpty(); // not all were
    assertThat(row.tested()).contains(old);
    ReadingEntry begun =
        new ReadingEntry("p", "/near", 30, NOW.minus(Duration.ofDays(3)), NOW, Optional.empty());
    assertThat(
            Board.of(
                    plan,
                    List.of(copy("/near", 0, "", Optional.empty(), Optional.of(NOW)), far),
                    List.of(begun),
                    NOW,
                    Duration.ofHours(1))
                .getFirst()
                .missing())
        .extracting(Lack::text)
        .containsExactly("s3://far: not tried since 2026-09-22");
  }
}
