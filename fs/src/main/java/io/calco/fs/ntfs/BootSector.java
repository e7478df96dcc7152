package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What the boot sector says of a volume's measures.
///
/// @param sectorSize bytes in a sector, 256–4096
/// @param clusterBits log2 of the bytes in a cluster, 8–21
/// @param sectors in the volume, without the one behind it that repeats the boot sector
/// @param mftCluster where the MFT begins
/// @param mirrorCluster where the copy of the MFT's first records is
/// @param recordSize bytes in a file record
/// @param indexBlockSize bytes in an index block
/// @param serial the volume's serial number
record BootSector(
    int sectorSize,
    int clusterBits,
    long sectors,
    long mftCluster,
    long mirrorCluster,
    int recordSize,
    int indexBlockSize,
    long serial) {

  static final int SERIAL = 0x48;
  private static final byte[] OEM = "NTFS    ".getBytes(StandardCharsets.US_ASCII);
  static final int SIZE = 512;
  private static final int MAX_CLUSTER_BITS = 21; // Windows 10's
  private static final int MAX_UNIT = 1 << 16; // ours: bytes in a record or an index block

  static boolean isMarked(byte[] sector) {
    return Arrays.equals(sector, 3, 11, OEM, 0, 8);
  }

  /// The boot sector of the volume on `disk`: the first sector or, when that is damaged, the one at
  /// the end.
  static BootSector load(Disk disk) throws IOException {
    byte[] first = disk.readBytes(0, SIZE);
    try {
      return parse(first, disk.size());
    } catch (CorruptImageException e) {
      long last = disk.size() - SIZE;
      if (last > 0) {
        byte[] copy = disk.readBytes(last, SIZE);
        if (isMarked(copy)) {
          return parse(copy, disk.size());
        }
      }
      throw e;
    }
  }

  /// Where the sector that repeats the boot sector lies.
  long copyOffset() {
    return sectors * sectorSize;
  }

  long clusters() {
    return copyOffset() >> clusterBits;
  }

  int clusterSize() {
    return 1 << clusterBits;
  }

  static BootSector parse(byte[] sector, long diskSize) throws CorruptImageException {
    if (!isMarked(sector)) {
      throw corrupt("name", 3, "something else", "NTFS");
    }
    int sectorSize = LittleEndian.u16(sector, 0x0B);
    if (sectorSize < 256 || sectorSize > 4096 || Integer.bitCount(sectorSize) != 1) {
      throw corrupt("bytes in a sector", 0x0B, sectorSize, "a power of two, 256 to 4096");
    }
    int perCluster = LittleEndian.u8(sector, 0x0D);
    int shift =
        perCluster > 0x80 ? 256 - perCluster : Integer.numberOfTrailingZeros(perCluster | 0x100);
    boolean power = perCluster > 0x80 || Integer.bitCount(perCluster) == 1;
    int clusterBits = Integer.numberOfTrailingZeros(sectorSize) + shift;
    if (!power || clusterBits > MAX_CLUSTER_BITS) {
      throw corrupt("sectors in a cluster", 0x0D, perCluster, "at most 2 MiB");
    }
    long sectors = LittleEndian.s64(sector, 0x28);
    if (sectors < 1 || sectors > diskSize / sectorSize) {
      throw corrupt("sectors", 0x28, sectors, "1 to " + diskSize / sectorSize);
    }
    BootSector boot =
        new BootSector(
            sectorSize,
            clusterBits,
            sectors,
            LittleEndian.s64(sector, 0x30),
            LittleEndian.s64(sector, 0x38),
            unit(sector, 0x40, clusterBits, "size of a file record"),
            unit(sector, 0x44, clusterBits, "size of an index block"),
            LittleEndian.s64(sector, SERIAL));
    if (boot.mftCluster < 0 || boot.mftCluster >= boot.clusters()) {
      throw corrupt("MFT's cluster", 0x30, boot.mftCluster, "below " + boot.clusters());
    }
    return boot;
  }

  /// A size in clusters or, below zero, as a power of two.
  private static int unit(byte[] sector, int at, int clusterBits, String what)
      throws CorruptImageException {
    int coded = sector[at];
    long size = coded < 0 ? 1L << Math.min(-coded, 40) : (long) coded << clusterBits;
    if (size < 512 || size > MAX_UNIT || Long.bitCount(size) != 1) {
      throw corrupt(what, at, size, "a power of two, 512 to " + MAX_UNIT);
    }
    return (int) size;
  }

  private static CorruptImageException corrupt(String what, long at, Object found, Object wanted) {
    return CorruptImageException.at("NTFS", "boot sector, " + what, at, found, wanted);
  }
}
