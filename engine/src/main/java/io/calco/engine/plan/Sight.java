package io.calco.engine.plan;

import io.calco.backup.PointCheck;
import io.calco.backup.RestorePoint;
import io.calco.catalog.PlanRecords;
import io.calco.catalog.plan.CopyEntry;
import io.calco.catalog.plan.ReadingEntry;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What is known of a plan's copies, remembered in the catalogue: a repository that is in a safe
/// now counts by what was last seen of it. Confined.
final class Sight {
  private final Plan plan;
  private final PlanSettings settings;
  private final PlanRecords records;
  private final PlanPoints points;

  /// What was tried since this was made, by [#key].
  private final Map<String, Tested> tested = new HashMap<>();

  private record Tested(Instant at, String how) {}

  Sight(Plan plan, PlanSettings settings, PlanRecords records) {
    this.plan = plan;
    this.settings = settings;
    this.records = records;
    this.points = new PlanPoints(plan, Backups.hostName());
  }

  private static String key(String disk, PlanRepository repository) {
    return disk + "\n" + repository.address();
  }

  /// How far a repository has been read.
  Optional<ReadingEntry> reading(PlanRepository repository) throws IOException {
    return records.readings(plan.name()).stream()
        .filter(reading -> reading.repository().equals(repository.address()))
        .findFirst();
  }

  private Optional<CopyEntry> known(String disk, PlanRepository repository) throws IOException {
    return records.copies(plan.name()).stream()
        .filter(
            copy -> copy.source().equals(disk) && copy.repository().equals(repository.address()))
        .findFirst();
  }

  /// True when a restore from there was not tried for so many days.
  boolean isTestDue(String disk, PlanRepository repository, int days) throws IOException {
    Instant now = settings.clock().instant();
    return known(disk, repository)
        .flatMap(CopyEntry::testedAt)
        .filter(last -> !last.isAfter(now) && now.isBefore(last.plus(Duration.ofDays(days))))
        .isEmpty();
  }

  /// A restore from there was tried now.
  void tested(String disk, PlanRepository repository, String how) {
    tested.put(key(disk, repository), new Tested(settings.clock().instant(), how));
  }

  /// Remembers what is in a repository.
  ///
  /// @return how much, for a person
  String remember(PlanRepository planned, BackupRepository repository) throws IOException {
    List<RestorePoint> all = PlanPoints.all(repository);
    Optional<Instant> read = reading(planned).flatMap(ReadingEntry::readAt);
    int count = 0;
    List<CopyEntry> copies = new ArrayList<>();
    for (PlanDisk disk : points.disks(all)) {
      count += disk.points().size();
      copies.add(copy(disk, planned, read));
    }
    records.putCopies(plan.name(), planned.address(), copies);
    return count == 1 ? "1 point" : count + " points";
  }

  private CopyEntry copy(PlanDisk disk, PlanRepository planned, Optional<Instant> read)
      throws IOException {
    List<RestorePoint> own = disk.points();
    Optional<RestorePoint> newest = own.stream().findFirst();
    Optional<Tested> trial = trial(disk, planned);
    Optional<Instant> verified =
        own.stream()
            .flatMap(point -> point.checks().stream())
            .filter(check -> check.kind() == PointCheck.Kind.VERIFICATION && check.sound())
            .map(PointCheck::at)
            .max(Instant::compareTo);
    return new CopyEntry(
        plan.name(),
        disk.name(),
        planned.address(),
        newest.map(RestorePoint::machine).orElse(""),
        own.size(),
        newest.map(point -> point.id().toString()).orElse(""),
        newest.map(RestorePoint::created),
        newest.stream()
            .flatMap(point -> point.checks().stream())
            .filter(check -> !check.sound())
            .map(PointCheck::what)
            .findFirst()
            .orElse(""),
        later(verified, read),
        trial.map(Tested::at),
        trial.map(Tested::how).orElse(""),
        settings.clock().instant());
  }

  /// The last trial that is known of: one of these runs, or one that a point remembers.
  private Optional<Tested> trial(PlanDisk disk, PlanRepository planned) throws IOException {
    Stream<Tested> now = Stream.ofNullable(tested.get(key(disk.name(), planned)));
    Stream<Tested> before =
        known(disk.name(), planned).stream()
            .flatMap(copy -> copy.testedAt().stream().map(at -> new Tested(at, copy.testedHow())));
    Stream<Tested> byHand =
        disk.points().stream()
            .flatMap(point -> point.checks().stream())
            .filter(check -> check.kind() != PointCheck.Kind.VERIFICATION && check.sound())
            .map(check -> new Tested(check.at(), check.what()));
    return Stream.of(now, before, byHand).flatMap(all -> all).max(Comparator.comparing(Tested::at));
  }

  private static Optional<Instant> later(Optional<Instant> one, Optional<Instant> other) {
    return one.isEmpty() || other.isPresent() && other.get().isAfter(one.get()) ? other : one;
  }
}
