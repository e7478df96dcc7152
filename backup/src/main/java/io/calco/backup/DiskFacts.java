package io.calco.backup;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A disk as it was when a point was made.
///
/// @param size in bytes
/// @param sectorSize bytes of a sector, by its table
/// @param table `dos` or `gpt`; empty when there is none that could be cut by
/// @param tableUuid PTUUID
/// @param coverage how much of it is kept
/// @param content of a disk without partitions: its file system
/// @param contentUuid that one's UUID
/// @param label that one's label
/// @param used bytes that that one uses
/// @param leftOut what is not kept though it is in use; empty when that was not asked for, or there
///   is none
/// @param partitions in the order of the table; those that hold data share no byte
public record DiskFacts(
    long size,
    Optional<Integer> sectorSize,
    Optional<String> table,
    Optional<String> tableUuid,
    Coverage coverage,
    Optional<String> content,
    Optional<String> contentUuid,
    Optional<String> label,
    OptionalLong used,
    Optional<LeftOut> leftOut,
    List<PartitionFacts> partitions) {

  /// Checks that the partitions fit.
  public DiskFacts {
    partitions = List.copyOf(partitions);
    if (size < 0) {
      throw new IllegalArgumentException("disk of " + size + " bytes");
    }
    Set<Integer> numbers = new HashSet<>();
    long end = 0;
    for (PartitionFacts partition :
        partitions.stream()
            .filter(one -> !one.extended())
            .sorted((one, other) -> Long.compare(one.start(), other.start()))
            .toList()) {
      if (partition.start() < end || partition.end() > size || !numbers.add(partition.number())) {
        throw new IllegalArgumentException(
            "partition %d: shares bytes or number with another, or ends behind the disk"
                .formatted(partition.number()));
      }
      end = partition.end();
    }
  }

  /// The partition of that number.
  public Optional<PartitionFacts> find(int number) {
    return partitions.stream().filter(partition -> partition.number() == number).findFirst();
  }

  /// True when some partition that holds data is not kept.
  public boolean partial() {
    return partitions.stream().anyMatch(partition -> !partition.extended() && !partition.kept());
  }
}
