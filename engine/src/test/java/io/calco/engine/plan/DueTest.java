package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunEntry.Reason;
import io.calco.catalog.plan.RunState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DueTest {
  private static final Plan DAILY = PlanFixtures.plan("daily at 02:30");
  private static final Instant ADDED = Instant.parse("2026-11-20T12:00:00Z");

  private static Instant at(String moment) {
    return Instant.parse("2026-11-" + moment + ":00Z");
  }

  private static RunEntry run(long number, Reason reason, RunState state, String moment) {
    Instant at = at(moment);
    return new RunEntry(number, "p", reason, state, at, Optional.of(at), "");
  }

  private static RunEntry done(long number, String moment) {
    return run(number, Reason.DUE, RunState.DONE, moment);
  }

  private static Instant due(String now, RunEntry... newestFirst) {
    return Due.at(DAILY, ADDED, List.of(newestFirst), at(now)).orElseThrow();
  }

  @Test
  void firstAtTheNextTimeAfterItWasAdded() {
    assertThat(due("20T13:00")).isEqualTo(at("21T02:30"));
    assertThat(due("22T13:00")).isEqualTo(at("21T02:30")); // past: now
  }

  @Test
  void whatWasMissedIsMadeUpForOnce() {
    RunEntry before = done(1, "21T02:30");
    // It slept for four days: due at once; and when that run began, not before the next time.
    assertThat(due("25T09:00", before)).isBefore(at("25T09:00"));
    assertThat(due("25T09:01", done(2, "25T09:00"), before)).isEqualTo(at("26T02:30"));
  }

  @Test
  void onesThatAreAskedForDoNotCount() {
    assertThat(
            due("22T01:00", run(2, Reason.ASKED, RunState.DONE, "22T00:59"), done(1, "21T02:30")))
        .isEqualTo(at("22T02:30"));
  }

  @Test
  void afterTheClockWasSetBackItGoesOn() {
    RunEntry future = done(2, "29T02:30");
    assertThat(due("22T01:00", future, done(1, "21T02:30"))).isEqualTo(at("22T02:30"));
    // Nothing is known but from the future: once, and that is known then.
    Instant added = at("29T00:00");
    assertThat(Due.at(DAILY, added, List.of(future), at("22T01:00"))).contains(at("22T01:00"));
    assertThat(Due.at(DAILY, added, List.of(done(3, "22T01:00"), future), at("22T01:01")))
        .contains(at("22T02:30"));
  }

  @Test
  void afterTheClockWasSetForwardItIsDueOnce() {
    assertThat(due("28T12:00", done(1, "22T02:30"))).isBefore(at("28T12:00"));
    assertThat(due("28T12:01", done(2, "28T12:00"), done(1, "22T02:30"))).isEqualTo(at("29T02:30"));
  }

  @Test
  void aKilledRunIsBegunAgainOnce() {
    RunEntry first = run(2, Reason.DUE, RunState.INTERRUPTED, "22T02:30");
    assertThat(due("22T03:00", first, done(1, "21T02:30"))).isBefore(at("22T03:00"));
    RunEntry second = run(3, Reason.DUE, RunState.INTERRUPTED, "22T03:00");
    assertThat(due("22T03:30", second, first, done(1, "21T02:30"))).isEqualTo(at("23T02:30"));
    RunEntry stopped = run(4, Reason.DUE, RunState.CANCELLED, "23T02:30");
    assertThat(due("23T02:31", stopped, done(3, "22T02:30"))).isBefore(at("23T02:31"));
  }

  @Test
  void aFailedRunWaitsForTheNextTime() {
    assertThat(due("22T03:00", run(2, Reason.DUE, RunState.FAILED, "22T02:30")))
        .isEqualTo(at("23T02:30"));
  }

  @Test
  void anotherScheduleCountsFromWhenItWasMade() {
    assertThat(Due.at(DAILY, at("25T12:00"), List.of(done(1, "21T02:30")), at("25T12:01")))
        .contains(at("26T02:30"));
  }

  @Test
  void byHandIsNeverDue() {
    Plan plan = PlanFixtures.plan("by hand");
    RunEntry killed = run(1, Reason.DUE, RunState.INTERRUPTED, "22T02:30");
    assertThat(Due.at(plan, ADDED, List.of(killed), at("22T03:00"))).isEmpty();
    assertThat(Due.at(plan, at("29T00:00"), List.of(), at("22T03:00"))).isEmpty();
  }
}
