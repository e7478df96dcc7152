package io.calco.engine.plan;

import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.backup.Retention;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a rule keeps of the points of a source, those that there are and those that will be.
///
/// @param source whose
/// @param repository where
/// @param keep the rule
/// @param zone in which days are counted
/// @param now from when on points are foretold
/// @param until to when
/// @param points all of them, oldest first
public record Simulation(
    String source,
    String repository,
    Keep keep,
    ZoneId zone,
    Instant now,
    Instant until,
    List<Point> points) {
  private static final int DAYS_MAX = 3660; // ours
  private static final int RUNS_MAX = 50_000; // ours

  /// Copies the list.
  public Simulation {
    points = List.copyOf(points);
  }

  /// A point.
  ///
  /// @param at when it was or will be made
  /// @param existing its own id in short; empty for one that will be
  /// @param reasons why it is there at the end; none when it is not
  /// @param forgotten when it will have been forgotten
  public record Point(
      Instant at, Optional<String> existing, List<String> reasons, Optional<Instant> forgotten) {
    /// Copies the list.
    public Point {
      reasons = List.copyOf(reasons);
    }

    /// True when it is there at the end.
    public boolean kept() {
      return forgotten.isEmpty();
    }
  }

  /// A point that is there still.
  private record There(Instant at, Remarks remarks, Optional<String> existing) {}

  static Simulation of(
      Plan plan,
      PlanSource source,
      PlanRepository repository,
      List<RestorePoint> existing,
      Instant now,
      int days) {
    if (days < 0 || days > DAYS_MAX) {
      throw new OperationException(Kind.USAGE, "the days are 0 to %d".formatted(DAYS_MAX));
    }
    ZoneId zone = plan.zoneId();
    Instant until = now.plus(Duration.ofDays(days));
    Remarks own = new PlanPoints(plan, "").remarks();
    List<There> there = new ArrayList<>();
    existing.stream()
        .sorted(Comparator.comparing(RestorePoint::created).reversed())
        .forEach(point ->
            there.add(
                new There(
                    point.created(),
                    point.remarks(),
                    Optional.of(point.id().toString().substring(0, 8)))));
    List<Point> points = new ArrayList<>();
    Keep keep = repository.keep();
    List<List<String>> reasons = forget(there, keep, zone, now, points);
    Optional<Instant> next = plan.when().next(now, zone);
    for (int run = 0; next.isPresent() && !next.get().isAfter(until); run++) {
      if (run == RUNS_MAX) {
        throw new OperationException(
            Kind.USAGE, "more than %d runs are too many to foretell".formatted(RUNS_MAX));
      }
      there.addFirst(new There(next.get(), own, Optional.empty()));
      reasons = forget(there, keep, zone, next.get(), points);
      next = plan.when().next(next.get(), zone);
    }
    for (int i = 0; i < there.size(); i++) {
      There point = there.get(i);
      points.add(new Point(point.at(), point.existing(), reasons.get(i), Optional.empty()));
    }
    points.sort(Comparator.comparing(Point::at));
    return new Simulation(source.path(), repository.address(), keep, zone, now, until, points);
  }

  /// Takes away what the rule does not keep.
  ///
  /// @return why each of the others stays
  private static List<List<String>> forget(
      List<There> there, Keep keep, ZoneId zone, Instant at, List<Point> forgotten) {
    if (keep.keepsAll()) {
      return there.stream().map(_ -> List.of("all")).toList();
    }
    List<List<String>> judged =
        Retention.reasons(
            there.stream().map(point -> new Retention.Dated(point.at(), point.remarks())).toList(),
            keep.policy(zone));
    List<List<String>> reasons = new ArrayList<>();
    List<There> kept = new ArrayList<>();
    for (int i = 0; i < there.size(); i++) {
      There point = there.get(i);
      if (judged.get(i).isEmpty()) {
        forgotten.add(new Point(point.at(), point.existing(), List.of(), Optional.of(at)));
      } else {
        kept.add(point);
        reasons.add(judged.get(i));
      }
    }
    there.clear();
    there.addAll(kept);
    return reasons;
  }
}
