package io.calco.volume;

import io.calco.disk.CorruptImageException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// A table's partitions, each with the place that it is to have.
final class Placements {
  private final Map<Integer, Placement> byNumber = new HashMap<>();
  private final List<Partition> partitions;

  /// @throws CorruptImageException when a problem of the table refuses writing
  /// @throws IllegalArgumentException when a placement is of no partition, or of one twice, or is
  ///   not a multiple of the sector
  Placements(PartitionTable table, List<Placement> wanted) throws CorruptImageException {
    Growth.requireSound(table);
    this.partitions = table.partitions();
    for (Partition partition : partitions) {
      byNumber.put(partition.number(), Placement.of(partition));
    }
    for (Placement placement : wanted) {
      int sector = table.sectorSize();
      if (!byNumber.containsKey(placement.number())) {
        throw new IllegalArgumentException("there is no partition " + placement.number());
      }
      if (placement.start() % sector != 0 || placement.length() % sector != 0) {
        throw new IllegalArgumentException(
            "partition %d: %d bytes at %d are no multiples of the sector of %d"
                .formatted(placement.number(), placement.length(), placement.start(), sector));
      }
      byNumber.put(placement.number(), placement);
    }
  }

  Placement of(Partition partition) {
    return Objects.requireNonNull(byNumber.get(partition.number()));
  }

  boolean moves() {
    return partitions.stream().anyMatch(p -> !of(p).equals(Placement.of(p)));
  }

  /// Refuses those that share bytes or leave the disk.
  ///
  /// @param kept which partitions to look at
  /// @param from the first byte that they may use
  /// @param limit the first that they may not
  void require(List<Partition> kept, long from, long limit) throws CorruptImageException {
    List<Partition> placed = new ArrayList<>();
    for (Partition partition : kept) {
      Placement place = of(partition);
      if (place.start() < from || place.end() > limit) {
        throw new CorruptImageException(
            "partition %d: found bytes 0x%x to 0x%x for it, expected them within 0x%x to 0x%x of the disk"
                .formatted(partition.number(), place.start(), place.end(), from, limit));
      }
      placed.add(partition.at(place));
    }
    placed.sort(Comparator.comparingLong(Partition::start));
    Optional<TableProblem> overlap = Overlaps.find(placed);
    if (overlap.isPresent()) {
      throw new CorruptImageException(overlap.get().text());
    }
  }
}
