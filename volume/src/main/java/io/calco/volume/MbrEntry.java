package io.calco.volume;

/// One of the four entries of a boot record. Sectors count from the disk's start in an MBR; in an
/// extended boot record from that record, or, in the link to the next, from the extended partition.
///
/// @param bootIndicator 0x80 for the active partition, else 0
/// @param type 0 for an entry that is not in use
/// @param startSector 0 to 2³² − 1
/// @param sectorCount 0 to 2³² − 1
record MbrEntry(int bootIndicator, int type, long startSector, long sectorCount) {
  static final int BYTES = 16;
  static final int TYPE_EXTENDED = 0x05;
  static final int TYPE_GPT = 0xee;

  /// The largest number either field can hold, and the largest sector count Linux writes.
  static final long MAX = 0xffff_ffffL;

  /// This entry for another run.
  MbrEntry at(long start, long count) {
    return new MbrEntry(bootIndicator, type, start, count);
  }

  boolean used() {
    return type != 0 && sectorCount != 0;
  }

  boolean extended() {
    return PartitionKind.ofMbr(type) == PartitionKind.EXTENDED;
  }

  boolean active() {
    return bootIndicator == 0x80;
  }

  /// The first sector after it, counted as [#startSector] is.
  long endSector() {
    return startSector + sectorCount;
  }
}
