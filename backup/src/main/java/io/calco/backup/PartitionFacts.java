package io.calco.backup;

import io.calco.volume.Partition;
import java.util.Optional;
import java.util.OptionalLong;

/// A partition as it was when a point was made. All text is as the disk had it: make it printable
/// before it is shown.
///
/// @param number Linux's
/// @param start first byte on the disk
/// @param length in bytes, at least 1
/// @param type as its table writes it: `0x83`, or a type GUID
/// @param typeName what that means, for a person
/// @param name of a GPT partition, else empty
/// @param uuid PARTUUID
/// @param active the active flag, or a GPT's legacy-BIOS-bootable attribute
/// @param extended it only contains others, and is part of the frame
/// @param content the file system or container in it, as blkid names it
/// @param contentUuid its own UUID
/// @param label its own label
/// @param used bytes that it uses
/// @param kept the point has its content
public record PartitionFacts(
    int number,
    long start,
    long length,
    String type,
    String typeName,
    String name,
    Optional<String> uuid,
    boolean active,
    boolean extended,
    Optional<String> content,
    Optional<String> contentUuid,
    Optional<String> label,
    OptionalLong used,
    boolean kept) {

  /// Checks the ranges.
  public PartitionFacts {
    if (number < 1 || start < 0 || length < 1 || start > Long.MAX_VALUE - length) {
      throw new IllegalArgumentException(
          "partition %d at %d, %d bytes".formatted(number, start, length));
    }
    if (extended && kept) {
      throw new IllegalArgumentException("partition " + number + " is extended, and kept");
    }
  }

  static PartitionFacts of(Partition partition, Content content, boolean kept) {
    return new PartitionFacts(
        partition.number(),
        partition.start(),
        partition.length(),
        partition.type().code(),
        partition.type().description(),
        partition.name(),
        partition.uuid(),
        partition.active(),
        partition.extended(),
        content.kind(),
        content.uuid(),
        content.label(),
        content.used(),
        kept);
  }

  /// The first byte behind it.
  public long end() {
    return start + length;
  }

  /// True when it is the same partition at another time: by PARTUUID where both have one, else by
  /// number.
  boolean sameAs(PartitionFacts other) {
    return uuid.isPresent() && other.uuid.isPresent()
        ? uuid.equals(other.uuid)
        : number == other.number;
  }

  /// The name of its part in the root.
  String part() {
    return "p" + number;
  }
}
