package io.calco.engine.backup;

import io.calco.backup.DiskFacts;
import io.calco.backup.PartitionFacts;
import io.calco.backup.layout.LayoutPlan;
import io.calco.disk.Disk;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.Placement;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/// What in a disk's partitions can be made shorter, how short, and what is there then. Confined.
final class Shortening {
  private final PartitionTable table;
  private final Map<Integer, Content> contents = new HashMap<>();

  private Shortening(PartitionTable table) {
    this.table = table;
  }

  /// Looks into every partition.
  static Shortening of(Disk source, PartitionTable table, DiskFacts facts) throws IOException {
    Shortening shortening = new Shortening(table);
    for (Partition partition : table.partitions()) {
      if (!partition.extended()) {
        String kind =
            facts
                .find(partition.number())
                .flatMap(PartitionFacts::content)
                .orElse("unknown content");
        shortening.contents.put(partition.number(), Content.of(partition.slice(source), kind));
      }
    }
    return shortening;
  }

  /// Bytes that each partition needs at least, by number.
  Map<Integer, Long> least() {
    Map<Integer, Long> least = new HashMap<>();
    contents.forEach((number, content) -> least.put(number, content.least()));
    return least;
  }

  /// What lies in the partitions that are too short for what is in them now.
  Map<Integer, Content.Shorter> shortened(LayoutPlan plan) throws IOException {
    Map<Integer, Content.Shorter> shortened = new HashMap<>();
    for (Map.Entry<Integer, Content> entry : contents.entrySet()) {
      int number = entry.getKey();
      Content content = entry.getValue();
      long length =
          plan.find(number)
              .map(Placement::length)
              .orElseGet(() -> table.find(number).orElseThrow().length());
      if (length < content.size()) {
        shortened.put(number, content.shortened(length));
      }
    }
    return shortened;
  }

  /// The partition that needs most, and why, for a person.
  String inTheWay() {
    return contents.entrySet().stream()
        .max(Comparator.comparingLong(entry -> entry.getValue().least()))
        .map(entry -> "partition %d %s".formatted(entry.getKey(), entry.getValue().inTheWay()))
        .orElseThrow();
  }
}
