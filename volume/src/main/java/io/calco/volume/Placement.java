package io.calco.volume;

/// Where a partition is to lie.
///
/// @param number of the partition, as [Partition#number]
/// @param start first byte on the disk, a multiple of the table's sector, above 0
/// @param length in bytes, a multiple of the table's sector, above 0; `start + length` fits a long
public record Placement(int number, long start, long length) {

  /// Checks the ranges.
  public Placement {
    if (number < 1 || start < 1 || length < 1 || start > Long.MAX_VALUE - length) {
      throw new IllegalArgumentException(
          "partition %d at %d, %d bytes".formatted(number, start, length));
    }
  }

  /// Where a partition lies now.
  public static Placement of(Partition partition) {
    return new Placement(partition.number(), partition.start(), partition.length());
  }

  /// The first byte after it.
  public long end() {
    return start + length;
  }
}
