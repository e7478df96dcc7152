package io.calco.backup;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.store.Predecessor;
import io.calco.store.Root;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What of an earlier point's parts is still as it was: not written since, and kept or left out
/// then as it is now. What a file system began to use without writing it was not kept then; what it
/// gave up must not be kept now. Confined.
final class EarlierParts {
  private final Root root;
  private final Runs changed;

  private EarlierParts(Root root, Runs changed) {
    this.root = root;
    this.changed = changed;
  }

  /// Empty when the earlier point is of no help: the disk is cut or kept in another way, or the
  /// point does not read as it did.
  ///
  /// @param root of the earlier point
  static Optional<EarlierParts> find(
      Since since, DiskDivision now, Set<Integer> numbers, Root root, RestorePoints points)
      throws IOException {
    RestorePoint point = since.point();
    DiskFacts facts = now.facts(numbers);
    if (facts.size() != point.disk().size()
        || facts.coverage() != point.disk().coverage()
        || !places(facts).equals(places(point.disk()))) {
      return Optional.empty();
    }
    try (Disk disk = points.open(point)) {
      DiskDivision then = DiskDivision.of(disk, facts.coverage());
      if (then.keptBytes(numbers) != point.work().kept()
          || !places(then.facts(numbers)).equals(places(facts))) {
        return Optional.empty();
      }
      return Optional.of(
          new EarlierParts(root, changed(since, then.unused(), now.unused(), facts.size())));
    } catch (DiskException damaged) {
      return Optional.empty();
    }
  }

  private record Place(int number, long start, long length, boolean kept) {}

  private static List<Place> places(DiskFacts disk) {
    return disk.partitions().stream()
        .map(one -> new Place(one.number(), one.start(), one.length(), one.kept()))
        .toList();
  }

  /// Forgets nothing: there is room for every run.
  private static Runs changed(Since since, Runs then, Runs now, long size) {
    long most = since.written().size() + 2L * (then.count() + now.count()) + 2;
    Runs.Builder changed = new Runs.Builder(Math.toIntExact(most));
    since.written().forEach(run -> changed.add(run.offset(), run.offset() + run.length()));
    for (long at = 0; at < size; ) {
      long end = Math.min(size, Math.min(then.endAt(at), now.endAt(at)));
      if (then.contains(at) != now.contains(at)) {
        changed.add(at, end);
      }
      at = end;
    }
    return changed.build();
  }

  Predecessor frame() {
    return predecessor(RestorePoints.FRAME, 0);
  }

  Predecessor part(PartitionFacts partition) {
    return predecessor(partition.part(), partition.start());
  }

  private Predecessor predecessor(String part, long start) {
    return new Predecessor(
        Objects.requireNonNull(root.parts().get(part), part),
        (offset, length) -> changed.bytesIn(start + offset, length) == 0);
  }
}
