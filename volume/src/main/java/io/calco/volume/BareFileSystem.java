package io.calco.volume;

import io.calco.disk.Disk;

/// Tells a boot record from the boot sector of a file system on the bare disk, which ends in 0x55AA
/// too.
final class BareFileSystem {
  private static final int OEM_NAME = 3;
  private static final int BYTES_PER_SECTOR = 11;
  private static final int SECTORS_PER_CLUSTER = 13;
  private static final int RESERVED_SECTORS = 14;
  private static final int FAT_COUNT = 16;
  private static final int MEDIA = 21;
  private static final int FAT16_NAME = 54;
  private static final int FAT32_NAME = 82;

  private BareFileSystem() {}

  /// True for NTFS, exFAT, BitLocker and FAT. A FAT so old that it does not say its name is one
  /// only when no entry could be a partition: boot programs keep a parameter block that was there
  /// before.
  static boolean isIn(MbrSector sector, Disk disk) {
    return sector.hasAscii(OEM_NAME, "NTFS    ")
        || sector.hasAscii(OEM_NAME, "EXFAT   ")
        || sector.hasAscii(OEM_NAME, "-FVE-FS-")
        || (hasParameterBlock(sector) && (namesFat(sector) || !couldHoldPartition(sector, disk)));
  }

  private static boolean namesFat(MbrSector sector) {
    return sector.hasAscii(FAT16_NAME, "FAT") || sector.hasAscii(FAT32_NAME, "FAT");
  }

  private static boolean hasParameterBlock(MbrSector sector) {
    int bytesPerSector = sector.shortAt(BYTES_PER_SECTOR);
    int media = sector.byteAt(MEDIA);
    return bytesPerSector >= 512
        && bytesPerSector <= 4096
        && Integer.bitCount(bytesPerSector) == 1
        && Integer.bitCount(sector.byteAt(SECTORS_PER_CLUSTER)) == 1
        && sector.shortAt(RESERVED_SECTORS) != 0
        && sector.byteAt(FAT_COUNT) != 0
        && (media == 0xf0 || media >= 0xf8);
  }

  /// True when another reader could see partitions here: every boot indicator is one, and an entry
  /// lies on the disk.
  static boolean couldHoldPartition(MbrSector sector, Disk disk) {
    long sectors = disk.size() / MbrSector.BYTES;
    return sector.bootIndicatorsValid()
        && sector.entries().stream()
            .anyMatch(e -> e.used() && e.startSector() > 0 && e.endSector() <= sectors);
  }
}
