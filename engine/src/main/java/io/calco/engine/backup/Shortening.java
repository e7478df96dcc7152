package io.calco.engine.backup;

import io.calco.backup.DiskFacts;
import io.calco.backup.PartitionFacts;
import io.calco.backup.layout.LayoutPlan;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.fs.swap.Swap;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.Placement;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What in a disk's partitions can be made shorter, how short, and what is there then. Confined.
final class Shortening {
  private final Disk source;
  private final PartitionTable table;
  private final DiskFacts facts;
  private final Map<Integer, Long> sizes;
  private final Map<Integer, Long> least = new HashMap<>();
  private final Map<Integer, String> kept = new HashMap<>();

  private Shortening(Disk source, PartitionTable table, DiskFacts facts, Map<Integer, Long> sizes) {
    this.source = source;
    this.table = table;
    this.facts = facts;
    this.sizes = sizes;
  }

  /// Looks into every partition.
  ///
  /// @param sizes bytes that what is in a partition has now, by its number, where they are known
  static Shortening of(Disk source, PartitionTable table, DiskFacts facts, Map<Integer, Long> sizes)
      throws IOException {
    Shortening shortening = new Shortening(source, table, facts, sizes);
    for (Partition partition : table.partitions()) {
      if (!partition.extended()) {
        shortening.look(partition);
      }
    }
    return shortening;
  }

  private void look(Partition partition) throws IOException {
    int number = partition.number();
    Disk part = partition.slice(source);
    long size = size(partition);
    least.put(number, size);
    Optional<Swap> swap = Swap.find(part);
    if (swap.isPresent()) {
      long shortest = Math.min(size, Swap.SHORTEST);
      if (swap.get().shortened(shortest).isPresent()) {
        least.put(number, shortest);
      } else {
        kept.put(number, "a swap area with bad pages");
      }
      return;
    }
    Optional<FileSystemType> type = FileSystems.probe(part);
    if (type.isEmpty()) {
      kept.put(
          number,
          facts.find(number).flatMap(PartitionFacts::content).orElse("unknown content")
              + ", which Calco does not shrink");
      return;
    }
    try {
      least.put(number, type.get().leastSize(part));
    } catch (DiskException e) {
      kept.put(number, String.valueOf(e.getMessage()));
    }
  }

  private long size(Partition partition) {
    return sizes.getOrDefault(partition.number(), partition.length());
  }

  /// Bytes that each partition needs at least, by number.
  Map<Integer, Long> least() {
    return Map.copyOf(least);
  }

  /// What lies in the partitions that are too short for what is in them now.
  Map<Integer, Disk> contents(LayoutPlan plan) throws IOException {
    Map<Integer, Disk> contents = new HashMap<>();
    for (Partition partition : table.partitions()) {
      long length = plan.find(partition.number()).map(Placement::length).orElse(partition.length());
      if (!partition.extended() && length < size(partition)) {
        contents.put(partition.number(), shortened(partition, length));
      }
    }
    return contents;
  }

  private Disk shortened(Partition partition, long length) throws IOException {
    Disk part = partition.slice(source);
    Optional<Swap> swap = Swap.find(part);
    if (swap.isPresent()) {
      return swap.get().shortened(length).orElseThrow();
    }
    FileSystemType type = FileSystems.probe(part).orElseThrow();
    try {
      return type.shrunk(part, length);
    } catch (LimitExceededException e) {
      // Blocks are scattered otherwise at each size; the least one was tried.
      return type.shrunk(part, least.getOrDefault(partition.number(), length));
    }
  }

  /// The partition that needs most, and why, for a person.
  String inTheWay() {
    int number = least.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    String why = kept.get(number);
    return why == null
        ? "partition %d holds %d bytes".formatted(number, least.get(number))
        : "partition %d stays as long as it is: %s".formatted(number, why);
  }
}
