package io.calco.engine.plan;

import io.calco.catalog.plan.CopyEntry;
import io.calco.catalog.plan.ReadingEntry;
import io.calco.engine.plan.Lack.Kind;
import io.calco.engine.plan.PlanRepository.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Judges by the rule of 3-2-1: three copies, of which the disk itself is one, on two kinds of
/// media, one of them off-site. Pure.
public final class Board {
  private static final int COPIES = 3;
  private static final int MEDIA = 2;

  private Board() {}

  /// How a source's copies are.
  ///
  /// @param plan the plan's name
  /// @param source the disk's path; `machine:NAME/TARGET` of a machine's
  /// @param machine whose disk it is; empty while that is not known
  /// @param copies how many count, the disk itself among them
  /// @param media kinds of media that these lie on
  /// @param offSite how many of them are off-site
  /// @param backedUp when the newest point that counts was made
  /// @param verified since when all copies that count have been read, at the latest; empty when one
  ///   never was
  /// @param tested when a restore was last tried
  /// @param testedHow how
  /// @param places each repository by itself
  /// @param missing what is missing
  public record Row(
      String plan,
      String source,
      String machine,
      int copies,
      SortedSet<String> media,
      int offSite,
      Optional<Instant> backedUp,
      Optional<Instant> verified,
      Optional<Instant> tested,
      String testedHow,
      List<PlaceRow> places,
      List<Lack> missing) {
    /// Copies the lists.
    public Row {
      media = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(media));
      places = List.copyOf(places);
      missing = List.copyOf(missing);
    }

    /// True when nothing is missing.
    public boolean complete() {
      return missing.isEmpty();
    }
  }

  /// What one repository has of a source.
  ///
  /// @param repository as planned
  /// @param seen what was last seen there; empty when nobody has looked
  /// @param problem why it does not count; empty when it does
  public record PlaceRow(
      PlanRepository repository, Optional<CopyEntry> seen, Optional<Lack> problem) {
    /// True when it is a copy by the rule.
    public boolean counts() {
      return problem.isEmpty();
    }
  }

  /// Judges a plan's sources.
  ///
  /// @param seen what is known of their copies
  /// @param readings how far the repositories have been read
  /// @param now the clock's
  /// @param grace how late a run may begin
  static List<Row> of(
      Plan plan, List<CopyEntry> seen, List<ReadingEntry> readings, Instant now, Duration grace) {
    List<Row> rows = new ArrayList<>();
    Set<String> told = new HashSet<>();
    for (PlanSource source : plan.sources()) {
      for (String disk : disks(source, seen)) {
        if (!told.add(disk)) {
          continue; // a machine that two sources mean
        }
        List<PlaceRow> places = new ArrayList<>();
        for (PlanRepository repository : plan.repositories()) {
          Optional<CopyEntry> copy =
              seen(disk, repository, seen).or(() -> seen(source.path(), repository, seen));
          places.add(new PlaceRow(repository, copy, problem(plan, copy, now, grace)));
        }
        rows.add(row(plan, new Judged(source, disk), places, begun(readings), now));
      }
    }
    return rows;
  }

  /// A disk of a source.
  private record Judged(PlanSource source, String disk) {}

  /// The disks of a source that are known; the source itself while there is none.
  private static SortedSet<String> disks(PlanSource source, List<CopyEntry> seen) {
    SortedSet<String> disks =
        seen.stream()
            .map(CopyEntry::source)
            .filter(source.covers())
            .collect(Collectors.toCollection(TreeSet::new));
    if (disks.isEmpty()) {
      disks.add(source.path());
    }
    return disks;
  }

  private static Optional<CopyEntry> seen(
      String disk, PlanRepository repository, List<CopyEntry> seen) {
    return seen.stream()
        .filter(one -> one.source().equals(disk))
        .filter(one -> one.repository().equals(repository.address()))
        .findFirst();
  }

  /// Since when a repository is being read for the first time, by address.
  private static Map<String, Instant> begun(List<ReadingEntry> readings) {
    return readings.stream()
        .filter(reading -> reading.readAt().isEmpty())
        .collect(Collectors.toMap(ReadingEntry::repository, ReadingEntry::cycleBegunAt));
  }

  private static Optional<Lack> problem(
      Plan plan, Optional<CopyEntry> copy, Instant now, Duration grace) {
    if (copy.isEmpty()) {
      return Optional.of(Lack.of(Kind.UNSEEN));
    }
    Optional<Instant> newest = copy.get().newestAt();
    if (newest.isEmpty()) {
      return Optional.of(Lack.of(Kind.NO_POINT));
    }
    if (!copy.get().damage().isEmpty()) {
      return Optional.of(Lack.of(Kind.DAMAGED, copy.get().damage()));
    }
    Optional<Instant> late =
        plan.when()
            .next(newest.get(), plan.zoneId())
            .flatMap(first -> plan.when().next(first, plan.zoneId()))
            .map(second -> second.plus(grace));
    return late.isPresent() && now.isAfter(late.get())
        ? Optional.of(Lack.of(Kind.OLD, day(newest.get()), plan.schedule()))
        : Optional.empty();
  }

  private static String day(Instant moment) {
    return moment.toString().substring(0, 10);
  }

  private static Row row(
      Plan plan, Judged judged, List<PlaceRow> places, Map<String, Instant> begun, Instant now) {
    List<PlaceRow> counted = places.stream().filter(PlaceRow::counts).toList();
    List<CopyEntry> copies = counted.stream().flatMap(place -> place.seen().stream()).toList();
    SortedSet<String> media = new TreeSet<>();
    media.add(judged.source().medium());
    counted.forEach(place -> media.add(place.repository().medium()));
    int offSite =
        Math.toIntExact(
            counted.stream().filter(place -> place.repository().place() == Place.OFF_SITE).count());
    Optional<CopyEntry> tested =
        places.stream()
            .flatMap(place -> place.seen().stream())
            .filter(copy -> copy.testedAt().isPresent())
            .max((a, b) -> a.testedAt().orElseThrow().compareTo(b.testedAt().orElseThrow()));
    boolean allRead = copies.stream().allMatch(copy -> copy.verifiedAt().isPresent());
    Optional<Instant> verified =
        allRead
            ? copies.stream().flatMap(copy -> copy.verifiedAt().stream()).min(Instant::compareTo)
            : Optional.empty();
    return new Row(
        plan.name(),
        judged.disk(),
        places.stream()
            .flatMap(place -> place.seen().stream())
            .map(CopyEntry::machine)
            .filter(name -> !name.isEmpty())
            .findFirst()
            .or(() -> judged.source().machine())
            .orElse(""),
        1 + counted.size(),
        media,
        offSite,
        copies.stream().flatMap(copy -> copy.newestAt().stream()).max(Instant::compareTo),
        verified,
        tested.flatMap(CopyEntry::testedAt),
        tested.map(CopyEntry::testedHow).orElse(""),
        places,
        missing(plan, places, begun, new Count(1 + counted.size(), media, offSite), now));
  }

  /// What counts: copies, kinds of media, copies off-site.
  private record Count(int copies, SortedSet<String> media, int offSite) {}

  private static List<Lack> missing(
      Plan plan, List<PlaceRow> places, Map<String, Instant> begun, Count count, Instant now) {
    List<Lack> missing = new ArrayList<>();
    if (count.copies < COPIES) {
      missing.add(Lack.of(Kind.COPIES, count.copies, COPIES));
    }
    if (count.media.size() < MEDIA) {
      missing.add(Lack.of(Kind.MEDIA, count.media.size(), MEDIA, count.media.getFirst()));
    }
    if (count.offSite == 0) {
      missing.add(Lack.of(Kind.OFF_SITE));
    }
    for (PlaceRow place : places) {
      String address = place.repository().address();
      if (place.problem().isPresent()) {
        missing.add(place.problem().get().in(address));
        continue;
      }
      CopyEntry seen = place.seen().orElseThrow();
      late(
              seen.verifiedAt().or(() -> Optional.ofNullable(begun.get(address))),
              plan.readDays(),
              now,
              Kind.NEVER_READ,
              Kind.NOT_READ)
          .ifPresent(lack -> missing.add(lack.in(address)));
      late(seen.testedAt(), plan.testDays(), now, Kind.NEVER_TRIED, Kind.NOT_TRIED)
          .ifPresent(lack -> missing.add(lack.in(address)));
    }
    return missing;
  }

  /// Twice the time that was meant is too late: a run may have been missed.
  private static Optional<Lack> late(
      Optional<Instant> last, Optional<Integer> days, Instant now, Kind never, Kind notSince) {
    if (days.isEmpty()) {
      return Optional.empty();
    }
    if (last.isEmpty()) {
      return Optional.of(Lack.of(never));
    }
    return now.isAfter(last.get().plus(Duration.ofDays(2L * days.get())))
        ? Optional.of(Lack.of(notSince, day(last.get())))
        : Optional.empty();
  }
}
