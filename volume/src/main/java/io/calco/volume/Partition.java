package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.util.Optional;

/// One partition as its table describes it; nothing says that the disk holds it whole.
///
/// @param number Linux's: an MBR's primary ones 1 to 4, logical from 5; a GPT's entry from 1
/// @param start first byte on the disk, 0 or more
/// @param length in bytes, at least 1; `start + length` fits a long
/// @param type what it is declared to hold
/// @param name a GPT partition's name, else empty; any text, from the image
/// @param uuid PARTUUID as blkid prints it; empty when an MBR has no disk signature
/// @param active an MBR's active flag, or a GPT's legacy-BIOS-bootable attribute
/// @param attributes a GPT entry's attribute bits; an MBR entry's boot indicator
public record Partition(
    int number,
    long start,
    long length,
    PartitionType type,
    String name,
    Optional<String> uuid,
    boolean active,
    long attributes) {

  /// Checks the ranges.
  public Partition {
    if (number < 1 || start < 0 || length < 1 || start > Long.MAX_VALUE - length) {
      throw new IllegalArgumentException(
          "partition %d at %d, %d bytes".formatted(number, start, length));
    }
  }

  /// The first byte after it.
  public long end() {
    return start + length;
  }

  /// True for an MBR's extended partition, which holds no data but other partitions.
  public boolean extended() {
    return type.kind() == PartitionKind.EXTENDED;
  }

  /// This partition's bytes as a disk, which lives no longer than `disk`.
  ///
  /// @throws CorruptImageException when it reaches beyond the disk's end
  public Disk slice(Disk disk) throws CorruptImageException {
    if (end() > disk.size()) {
      throw new CorruptImageException(
          "partition %d: ends at byte 0x%x, expected at most the disk's end 0x%x"
              .formatted(number, end(), disk.size()));
    }
    return disk.slice(start, length);
  }

  Partition withEnd(long newEnd) {
    return at(new Placement(number, start, newEnd - start));
  }

  Partition at(Placement place) {
    return new Partition(
        number, place.start(), place.length(), type, name, uuid, active, attributes);
  }
}
