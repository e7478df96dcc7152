package io.calco.engine.backup;

import io.calco.backup.DiskFacts;
import io.calco.backup.layout.Layout;
import io.calco.backup.layout.LayoutPlan;
import io.calco.backup.layout.RelaidDisk;
import io.calco.backup.layout.TooSmallException;
import io.calco.disk.Disk;
import io.calco.engine.DiskGrowth;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A point's disk laid out for a target of another size, and what has room then grown into it.
final class TargetLayout {
  private final Disk source;
  private final PartitionTable table;
  private final LayoutPlan plan;
  private final Map<Integer, Content.Shorter> shortened;

  private TargetLayout(
      Disk source, PartitionTable table, LayoutPlan plan, Map<Integer, Content.Shorter> shortened) {
    this.source = source;
    this.table = table;
    this.plan = plan;
    this.shortened = shortened;
  }

  /// Lays a disk out. What is in it is made shorter only where it does not fit as it is.
  ///
  /// @param target for messages
  /// @param facts of the point's disk
  /// @param size the target's, in bytes
  /// @throws OperationException REFUSED when it does not fit, or has no partition table
  static TargetLayout of(Path target, Disk source, DiskFacts facts, long size, Layout layout)
      throws IOException {
    PartitionTable table =
        PartitionTable.find(source)
            .orElseThrow(() ->
                new OperationException(
                    Kind.REFUSED,
                    target + ": the point's disk has no partition table that could be laid out",
                    "leave out --layout"));
    long usable = size / table.sectorSize() * table.sectorSize();
    Map<Integer, Long> contents = contents(source, table);
    try {
      LayoutPlan plan = LayoutPlan.of(table, layout, usable, contents);
      return new TargetLayout(source, table, plan, Map.of());
    } catch (TooSmallException | IllegalArgumentException e) {
      return shorter(target, source, table, usable, layout, Shortening.of(source, table, facts));
    }
  }

  private static TargetLayout shorter(
      Path target,
      Disk source,
      PartitionTable table,
      long size,
      Layout layout,
      Shortening shortening)
      throws IOException {
    try {
      LayoutPlan plan = LayoutPlan.of(table, layout, size, shortening.least());
      return new TargetLayout(source, table, plan, shortening.shortened(plan));
    } catch (TooSmallException e) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: has %d bytes, too small: the smallest that would do has %d; %s"
              .formatted(target, size, e.needed(), shortening.inTheWay()));
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, target + ": " + e.getMessage());
    }
  }

  private static Map<Integer, Long> contents(Disk source, PartitionTable table) throws IOException {
    Map<Integer, Long> contents = new HashMap<>();
    for (Partition partition : table.partitions()) {
      if (!partition.extended()) {
        contents.put(partition.number(), Content.sizeOf(partition.slice(source)));
      }
    }
    return contents;
  }

  /// Where all comes to lie.
  LayoutPlan plan() {
    return plan;
  }

  /// The disk by this layout, for reading.
  Disk open() throws IOException {
    Map<Integer, Disk> contents = new HashMap<>();
    shortened.forEach((number, content) -> contents.put(number, content.disk()));
    return RelaidDisk.open(source, table, plan, contents);
  }

  /// What lies elsewhere or gets longer, a line each.
  List<String> steps() {
    List<String> steps = new ArrayList<>();
    for (Partition partition : data()) {
      Placement place = plan.find(partition.number()).orElse(Placement.of(partition));
      if (!place.equals(Placement.of(partition))) {
        steps.add(
            "partition %d: %s%s"
                    .formatted(
                        partition.number(),
                        place.start() == partition.start()
                            ? "stays at %d".formatted(place.start())
                            : "from %d to %d".formatted(partition.start(), place.start()),
                        place.length() == partition.length()
                            ? ""
                            : ", %d bytes instead of %d"
                                .formatted(place.length(), partition.length()))
                + (shortened.containsKey(partition.number()) ? ", what is in it is shrunk" : ""));
      }
      Content.Shorter content = shortened.get(partition.number());
      if (content != null) {
        content.steps().forEach(step -> steps.add("  " + step));
      }
    }
    return steps;
  }

  /// Where the partitions come to lie.
  List<Restores.Place> places() {
    return data().stream()
        .map(partition -> plan.find(partition.number()).orElse(Placement.of(partition)))
        .map(place ->
            new Restores.Place(
                place.number(), place.start(), place.length(), Optional.of(place.number())))
        .toList();
  }

  private List<Partition> data() {
    return table.partitions().stream()
        .filter(partition -> !partition.extended())
        .sorted(Comparator.comparingLong(Partition::start))
        .toList();
  }

  /// Grows what is in the partitions that got longer.
  ///
  /// @param written the target, with the disk on it
  /// @param target for messages
  /// @return what is left to do, a line each
  List<String> growContents(Disk written, Path target) throws IOException {
    List<String> left = new ArrayList<>();
    PartitionTable now = PartitionTable.find(written).orElseThrow();
    for (Partition partition : data()) {
      Partition grown = now.find(partition.number()).orElseThrow();
      if (grown.length() > partition.length()) {
        String where = "partition " + partition.number();
        try {
          Optional<String> mounted = DiskGrowth.growIn(written, grown, target.toString());
          mounted.ifPresent(uuid ->
              left.add(
                  "%s has room: its file system %s grows where it is mounted (xfs_growfs, btrfs filesystem resize)"
                      .formatted(where, uuid)));
        } catch (OperationException e) {
          left.add(e.getMessage());
        }
      }
    }
    return left;
  }
}
