package io.calco.engine.backup;

import io.calco.backup.PartitionFacts;
import io.calco.backup.Restore;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.UUID;

/// Single partitions of a point on their way to targets: each is read once for all targets that get
/// it. Confined.
final class PartitionWork {
  private final Disk source;
  private final UUID point;
  private final JobContext job;
  private final Map<Integer, List<Order>> orders = new TreeMap<>();
  private final SequencedMap<RestoreTarget, Restore.Result> results = new LinkedHashMap<>();

  /// A partition that a target gets.
  private record Order(RestoreTarget target, RestorePlanner.Pair pair, Restore.Options how) {}

  /// @param source the point's disk, which stays open
  PartitionWork(Disk source, UUID point, JobContext job) {
    this.source = source;
    this.point = point;
    this.job = job;
  }

  /// Adds a target, which stays open.
  void add(RestoreTarget target, List<RestorePlanner.Pair> pairs) throws IOException {
    Restore.Options how = target.how();
    for (RestorePlanner.Pair pair : pairs) {
      orders
          .computeIfAbsent(pair.from().number(), _ -> new ArrayList<>())
          .add(new Order(target, pair, how));
    }
    results.put(target, new Restore.Result.Done(new Restore.Report(0, false, false)));
  }

  /// Writes them. A target that fails gets no further partition.
  ///
  /// @return of each target, in their order, all of its partitions together
  /// @throws IOException when the source cannot be read
  SequencedMap<RestoreTarget, Restore.Result> run() throws IOException {
    for (List<Order> all : orders.values()) {
      List<Order> wanted =
          all.stream()
              .filter(order -> results.get(order.target()) instanceof Restore.Result.Done)
              .toList();
      if (!wanted.isEmpty()) {
        write(wanted.getFirst().pair().from(), wanted);
      }
    }
    return results;
  }

  private void write(PartitionFacts from, List<Order> wanted) throws IOException {
    List<Restore.Destination> destinations = new ArrayList<>();
    for (Order order : wanted) {
      destinations.add(
          new Restore.Destination(order.pair().to().slice(order.target().disk()), order.how()));
    }
    List<Restore.Result> written =
        Restore.partitions(source.slice(from.start(), from.length()), destinations, point, job);
    for (int i = 0; i < wanted.size(); i++) {
      Restore.Result now = written.get(i);
      results.merge(wanted.get(i).target(), now, PartitionWork::joined);
    }
  }

  private static Restore.Result joined(Restore.Result before, Restore.Result now) {
    if (before instanceof Restore.Result.Done(Restore.Report a)
        && now instanceof Restore.Result.Done(Restore.Report b)) {
      return new Restore.Result.Done(
          new Restore.Report(a.written() + b.written(), false, a.continued() || b.continued()));
    }
    return now;
  }
}
