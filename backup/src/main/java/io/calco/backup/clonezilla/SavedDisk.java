package io.calco.backup.clonezilla;

import java.util.List;
import java.util.Optional;

/// A disk in a Clonezilla image.
///
/// @param name what it was called when it was saved: `sda`, `nvme0n1`
/// @param size in bytes
/// @param sectorSize bytes in a sector
/// @param table `gpt` or `dos`; empty when it had no partition table
/// @param whole the disk was saved, not only some of its partitions
/// @param partitions in the order of their numbers; what is on the bare disk where there is no
///   table
public record SavedDisk(
    String name,
    long size,
    int sectorSize,
    Optional<String> table,
    boolean whole,
    List<SavedPartition> partitions) {

  /// Copies the list.
  public SavedDisk {
    partitions = List.copyOf(partitions);
  }
}
