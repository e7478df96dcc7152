package io.calco.backup;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.store.Predecessor;
import io.calco.store.Root;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What of an earlier point's parts is still as it was: not written since, and kept or left out
/// then as it is now. What a file system began to use without writing it was not kept then; what it
/// gave up must not be kept now.
///
/// A disk that was cut and has grown to its size again has clusters no more from there on. QEMU
/// does not count that as written (tried with 7.2), so it is seen here: the end of a disk that
/// holds nothing but what was written since is not taken from the earlier point, nor is the cluster
/// before it, in whose midst the cut may have been. Confined.
final class EarlierParts {
  private static final long WINDOW = 1L << 30; // ours: what is looked at in one go, from the end on

  /// The longest that QEMU makes: qcow2's.
  private static final long CLUSTER_MAX = 2L << 20;

  private final Root root;
  private final Runs changed;

  private EarlierParts(Root root, Runs changed) {
    this.root = root;
    this.changed = changed;
  }

  /// Empty when the earlier point is of no help: the disk is cut or kept in another way, or the
  /// point does not read as it did.
  static Optional<EarlierParts> find(Since since, DiskDivision now, Set<Integer> numbers)
      throws IOException {
    RestorePoint point = since.earlier().point();
    DiskFacts facts = now.facts(numbers);
    if (facts.size() != point.disk().size()
        || facts.coverage() != point.disk().coverage()
        || !places(facts).equals(places(point.disk()))) {
      return Optional.empty();
    }
    Optional<DiskDivision> then =
        since
            .earlier()
            .division()
            .filter(division -> division.keptBytes(numbers) == point.work().kept())
            .filter(division -> places(division.facts(numbers)).equals(places(facts)));
    return then.isPresent()
        ? Optional.of(
            new EarlierParts(
                since.earlier().root(),
                changed(since, then.get().unused(), now.unused(), now.disk())))
        : Optional.empty();
  }

  private record Place(int number, long start, long length, boolean kept) {}

  private static List<Place> places(DiskFacts disk) {
    return disk.partitions().stream()
        .map(one -> new Place(one.number(), one.start(), one.length(), one.kept()))
        .toList();
  }

  /// Forgets nothing: there is room for every run.
  private static Runs changed(Since since, Runs then, Runs now, Disk disk) throws IOException {
    long size = disk.size();
    long most = since.written().size() + 2L * (then.count() + now.count()) + 3;
    Runs.Builder changed = new Runs.Builder(Math.toIntExact(most));
    since.written().forEach(run -> changed.add(run.offset(), run.offset() + run.length()));
    long empty = empty(disk, changed.build());
    changed.add(empty == size ? size : Math.max(0, empty - CLUSTER_MAX), size);
    for (long at = 0; at < size; ) {
      long end = Math.min(size, Math.min(then.endAt(at), now.endAt(at)));
      if (then.contains(at) != now.contains(at)) {
        changed.add(at, end);
      }
      at = end;
    }
    return changed.build();
  }

  /// Where the end of a disk begins that holds nothing but zeroes and what was written; its size
  /// when it ends otherwise.
  private static long empty(Disk disk, Runs written) throws IOException {
    long end = disk.size();
    while (end > 0) {
      long start = Math.max(0, end - WINDOW);
      long held = start;
      for (long at = start; at < end; ) {
        Extent extent = disk.extentAt(at, end - at);
        long next = Math.min(at + extent.length(), written.endAt(at));
        if (!extent.readsZero() && !written.contains(at)) {
          held = next;
        }
        at = next;
      }
      if (held > start) {
        return held;
      }
      end = start;
    }
    return 0;
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
