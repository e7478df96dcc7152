package io.calco.engine.plan;

import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.backup.Retention;
import io.calco.backup.RetentionPolicy;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A plan's points among those of a repository: with its tag, of its source, made on this host.
final class PlanPoints {
  private final Plan plan;
  private final String host;

  PlanPoints(Plan plan, String host) {
    this.plan = plan;
    this.host = host;
  }

  /// What is said of points that the plan makes.
  Remarks remarks() {
    return new Remarks(Optional.empty(), List.of(plan.tag()), Optional.empty(), Optional.empty());
  }

  /// All points in a repository.
  static List<RestorePoint> all(BackupRepository repository) throws IOException {
    return new Backups(repository).list(Optional.empty()).points();
  }

  /// The plan's disks with their points, in the order of its sources; each disk once.
  List<PlanDisk> disks(List<RestorePoint> points) {
    Map<String, PlanDisk> disks = new LinkedHashMap<>();
    for (PlanSource source : plan.sources()) {
      disks(source, points).forEach(disk -> disks.putIfAbsent(disk.name(), disk));
    }
    return List.copyOf(disks.values());
  }

  /// A source's disks; a disk that has no points is there, too.
  List<PlanDisk> disks(PlanSource source, List<RestorePoint> points) {
    Predicate<String> covers = source.covers();
    SortedMap<String, List<RestorePoint>> own = new TreeMap<>();
    for (RestorePoint point : points) {
      if (point.remarks().tags().contains(plan.tag())
          && point.origin().host().equals(host)
          && covers.test(point.origin().source())) {
        own.computeIfAbsent(point.origin().source(), _ -> new ArrayList<>()).add(point);
      }
    }
    if (own.isEmpty()) {
      return List.of(new PlanDisk(source.path(), List.of()));
    }
    List<PlanDisk> disks = new ArrayList<>();
    own.forEach((name, of) -> {
      of.sort(
          Comparator.comparing(RestorePoint::created)
              .thenComparing(point -> point.id().toString())
              .reversed());
      disks.add(new PlanDisk(name, of));
    });
    return disks;
  }

  /// What becomes of a source's points.
  List<Retention.Verdict> judge(List<RestorePoint> newestFirst, Keep keep) {
    if (keep.keepsAll()) {
      return newestFirst.stream()
          .map(point -> new Retention.Verdict(point, List.of("all")))
          .toList();
    }
    RetentionPolicy policy = keep.policy(plan.zoneId());
    List<List<String>> reasons =
        Retention.reasons(
            newestFirst.stream()
                .map(point -> new Retention.Dated(point.created(), point.remarks()))
                .toList(),
            policy);
    List<Retention.Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < newestFirst.size(); i++) {
      verdicts.add(new Retention.Verdict(newestFirst.get(i), reasons.get(i)));
    }
    return verdicts;
  }
}
