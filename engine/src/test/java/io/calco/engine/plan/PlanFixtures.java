package io.calco.engine.plan;

import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Place;
import io.calco.engine.plan.PlanRepository.Plainness;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Plans for the tests, and their clock.
final class PlanFixtures {
  private PlanFixtures() {}

  static PlanRepository repository(Object address, Filling filling, Keep keep) {
    return new PlanRepository(
        address.toString(),
        filling,
        "disk",
        Place.ON_SITE,
        Optional.empty(),
        Plainness.REFUSED,
        keep);
  }

  static PlanRepository offSite(Object address, String medium, Plainness plainness, Keep keep) {
    return new PlanRepository(
        address.toString(),
        Filling.COPY,
        medium,
        Place.OFF_SITE,
        Optional.empty(),
        plainness,
        keep);
  }

  static Keep last(int count) {
    return new Keep(count, 0, 0, 0, 0, 0, List.of());
  }

  static Plan plan(String schedule) {
    return plan(schedule, List.of("/dev/sda"), repository("/backups", Filling.BACKUP, Keep.all()));
  }

  static Plan plan(String schedule, List<String> sources, PlanRepository... repositories) {
    return new Plan(
        "p",
        sources.stream().map(PlanSource::of).toList(),
        List.of(repositories),
        schedule,
        Optional.of("UTC"),
        Optional.empty(),
        Optional.empty(),
        RestoreTrial.READ,
        PlanNotices.none(),
        Optional.empty());
  }

  static Plan caredFor(Plan plan, int readDays, int testDays) {
    return new Plan(
        plan.name(),
        plan.sources(),
        plan.repositories(),
        plan.schedule(),
        plan.zone(),
        Optional.of(readDays),
        Optional.of(testDays),
        plan.trial(),
        plan.notices(),
        plan.rate());
  }

  /// A clock that goes when it is told to.
  static final class SetClock implements InstantSource {
    private volatile Instant now;

    SetClock(String now) {
      this.now = Instant.parse(now);
    }

    void set(String moment) {
      now = Instant.parse(moment);
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
