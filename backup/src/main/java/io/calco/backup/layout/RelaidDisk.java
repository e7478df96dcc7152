package io.calco.backup.layout;

import io.calco.disk.Disk;
import io.calco.disk.Rearranged;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.Placement;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A disk as it is when its partitions lie elsewhere. Holes stay holes.
public final class RelaidDisk {
  /// Of what is written over: little more than a partition table.
  private static final int PAGE_BITS = 12;

  private final Disk source;
  private final PartitionTable table;
  private final LayoutPlan plan;
  private final Map<Integer, Disk> contents;
  private final TreeMap<Long, Disk> parts = new TreeMap<>();

  private RelaidDisk(
      Disk source, PartitionTable table, LayoutPlan plan, Map<Integer, Disk> contents) {
    this.source = source;
    this.table = table;
    this.plan = plan;
    this.contents = Map.copyOf(contents);
  }

  /// The disk by a plan, of the plan's size.
  ///
  /// @param source stays the caller's to close, and open as long as what is returned
  /// @param table its table
  /// @param contents what lies in partitions instead of what `source` has there, by number: at most
  ///   as long as their places, and the caller's to close
  /// @return to be read only; its own small changes are in memory
  /// @throws io.calco.disk.CorruptImageException when a place of the plan is not free
  public static Disk open(
      Disk source, PartitionTable table, LayoutPlan plan, Map<Integer, Disk> contents)
      throws IOException {
    return new RelaidDisk(source, table, plan, contents).open();
  }

  private Disk open() throws IOException {
    List<Partition> partitions =
        table.partitions().stream()
            .filter(each -> !each.extended())
            .sorted(Comparator.comparingLong(Partition::start))
            .toList();
    put(0, 0, head(partitions));
    for (int i = 0; i < partitions.size(); i++) {
      Partition partition = partitions.get(i);
      Placement place = placeOf(partition);
      Disk content = contents.get(partition.number());
      if (content == null) {
        put(place.start(), partition.start(), Math.min(partition.length(), place.length()));
      } else {
        parts.put(place.start(), content.slice(0, content.size()));
      }
      if (i > 0 && stays(partition) && stays(partitions.get(i - 1))) {
        long end = partitions.get(i - 1).end();
        put(end, end, partition.start() - end);
      }
    }
    Disk spliced = Disk.spliced(Disk.blank(plan.size()), parts);
    Disk whole = Disk.owning(new Rearranged(spliced, PAGE_BITS));
    table.writeTo(whole, source, plan.placements());
    for (Partition partition : partitions) {
      Placement place = placeOf(partition);
      Disk there = whole.slice(place.start(), place.length());
      if (place.start() != partition.start()) {
        BootSectors.move(
            there, partition.start() / table.sectorSize(), place.start() / table.sectorSize());
      }
      if (place.length() != partition.length()) {
        BootSectors.repeat(there);
      }
    }
    return whole;
  }

  /// Bytes before all partitions, here and there.
  private long head(List<Partition> partitions) {
    long head = Math.min(source.size(), plan.size());
    for (Partition partition : partitions) {
      long start = Math.min(partition.start(), placeOf(partition).start());
      head = Math.min(head, start - table.lead(partition));
    }
    return head;
  }

  private Placement placeOf(Partition partition) {
    return plan.find(partition.number()).orElse(Placement.of(partition));
  }

  private boolean stays(Partition partition) {
    return placeOf(partition).equals(Placement.of(partition));
  }

  private void put(long at, long from, long length) {
    if (length > 0) {
      parts.put(at, source.slice(from, length));
    }
  }
}
