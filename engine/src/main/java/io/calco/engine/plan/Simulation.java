package io.calco.engine.plan;

import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.backup.Retention;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

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
  /// Why points stay, the reason that lasts longest first.
  public static final List<String> REASONS =
      List.of("hold", "tag", "yearly", "monthly", "weekly", "daily", "hourly", "last", "all");

  private static final List<String> ALL = List.of("all");
  private static final int DAYS_MAX = 3660; // ours
  private static final int RUNS_MAX = 50_000; // ours

  /// Ours: how many points are judged, all runs together. Seconds of work.
  private static final long JUDGED_MAX = 50_000_000;

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

  /// A day on which points were or will be made.
  ///
  /// @param points how many
  /// @param kept how many of them are there at the end
  /// @param reason why the one that lasts longest is: one of [#REASONS]; empty when all are gone
  public record Day(int points, int kept, Optional<String> reason) {
    private Day and(Point point) {
      Optional<String> other =
          point.reasons().stream()
              .map(reason -> reason.replaceFirst(" .*", ""))
              .filter(REASONS::contains)
              .min(Comparator.comparingInt(REASONS::indexOf));
      return new Day(
          points + 1,
          kept + (point.kept() ? 1 : 0),
          Stream.concat(reason.stream(), other.stream())
              .min(Comparator.comparingInt(REASONS::indexOf)));
    }
  }

  /// The days that have points, in order, in the zone.
  public SortedMap<LocalDate, Day> days() {
    SortedMap<LocalDate, Day> days = new TreeMap<>();
    for (Point point : points) {
      days.merge(
          point.at().atZone(zone).toLocalDate(),
          new Day(0, 0, Optional.empty()).and(point),
          (before, _) -> before.and(point));
    }
    return days;
  }

  /// A rule's part: how many points each reason keeps.
  ///
  /// @param reason one of [#REASONS]
  /// @param kept the points that it is a reason for, oldest first
  /// @param alone how many of them nothing else keeps
  public record Part(String reason, List<Point> kept, long alone) {
    /// Copies the list.
    public Part {
      kept = List.copyOf(kept);
    }
  }

  /// What each part of the rule keeps; those that keep something.
  public List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (String reason : REASONS) {
      List<Point> own =
          points.stream()
              .filter(point ->
                  point.reasons().stream()
                      .anyMatch(one -> one.equals(reason) || one.startsWith(reason + " ")))
              .toList();
      if (!own.isEmpty()) {
        parts.add(
            new Part(
                reason, own, own.stream().filter(point -> point.reasons().size() == 1).count()));
      }
    }
    return parts;
  }

  /// A point that is there still.
  ///
  /// @param reasons why
  private record There(
      Instant at, Remarks remarks, Optional<String> existing, List<String> reasons) {}

  static Simulation of(
      Plan plan,
      String source,
      PlanRepository repository,
      List<RestorePoint> existing,
      Instant now,
      int days) {
    return of(plan, source, repository, existing, now, days, JUDGED_MAX);
  }

  /// As a page draws it while its form is filled in: with no points yet, and not for long.
  ///
  /// @param judged how many points may be judged, all runs together
  /// @throws OperationException USAGE when that does not do
  static Simulation of(Plan plan, PlanRepository repository, Instant now, int days, long judged) {
    return of(plan, "", repository, List.of(), now, days, judged);
  }

  /// What a rule makes now of points of which it was asked.
  ///
  /// @param source whose
  /// @param repository where
  /// @param verdicts a point each
  public static Simulation of(
      String source,
      String repository,
      Keep keep,
      ZoneId zone,
      Instant now,
      List<Retention.Verdict> verdicts) {
    return new Simulation(
        source,
        repository,
        keep,
        zone,
        now,
        now,
        verdicts.stream()
            .map(verdict ->
                new Point(
                    verdict.point().created(),
                    Optional.of(BackupRepository.shortId(verdict.point())),
                    verdict.reasons(),
                    verdict.kept() ? Optional.empty() : Optional.of(now)))
            .sorted(Comparator.comparing(Point::at))
            .toList());
  }

  private static Simulation of(
      Plan plan,
      String source,
      PlanRepository repository,
      List<RestorePoint> existing,
      Instant now,
      int days,
      long judged) {
    if (days < 0 || days > DAYS_MAX) {
      throw new OperationException(Kind.USAGE, "the days are 0 to %d".formatted(DAYS_MAX));
    }
    ZoneId zone = plan.zoneId();
    Instant until = now.plus(Duration.ofDays(days));
    Remarks own = new PlanPoints(plan, "").remarks();
    Keep keep = repository.keep();
    List<There> there = new ArrayList<>(); // oldest first
    existing.stream()
        .sorted(Comparator.comparing(RestorePoint::created))
        .forEach(point ->
            there.add(
                new There(
                    point.created(),
                    point.remarks(),
                    Optional.of(BackupRepository.shortId(point)),
                    ALL)));
    List<Point> points = new ArrayList<>();
    forget(there, keep, zone, now, points);
    Optional<Instant> next = plan.when().next(now, zone);
    long left = judged;
    for (int run = 0; next.isPresent() && !next.get().isAfter(until); run++) {
      left -= keep.keepsAll() ? 0 : there.size() + 1;
      if (run == RUNS_MAX || left < 0) {
        throw new OperationException(
            Kind.USAGE, "more than %d runs are too many to foretell".formatted(run));
      }
      there.add(new There(next.get(), own, Optional.empty(), ALL));
      forget(there, keep, zone, next.get(), points);
      next = plan.when().next(next.get(), zone);
    }
    there.forEach(point ->
        points.add(new Point(point.at(), point.existing(), point.reasons(), Optional.empty())));
    points.sort(Comparator.comparing(Point::at));
    return new Simulation(source, repository.address(), keep, zone, now, until, points);
  }

  /// Takes away what the rule does not keep, and notes why each of the others stays.
  private static void forget(
      List<There> there, Keep keep, ZoneId zone, Instant at, List<Point> forgotten) {
    if (keep.keepsAll()) {
      return;
    }
    List<There> newestFirst = List.copyOf(there.reversed());
    List<List<String>> judged =
        Retention.reasons(
            newestFirst.stream()
                .map(point -> new Retention.Dated(point.at(), point.remarks()))
                .toList(),
            keep.policy(zone));
    there.clear();
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      There point = newestFirst.get(i);
      if (judged.get(i).isEmpty()) {
        forgotten.add(new Point(point.at(), point.existing(), List.of(), Optional.of(at)));
      } else {
        there.add(new There(point.at(), point.remarks(), point.existing(), judged.get(i)));
      }
    }
  }
}
