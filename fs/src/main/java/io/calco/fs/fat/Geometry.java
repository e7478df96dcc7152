package io.calco.fs.fat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// Where everything lies, from the boot sector (the BIOS parameter block). All of it is in the
/// disk.
///
/// @param width bits of an entry in the FAT: 12, 16 or 32
/// @param sectorBytes bytes in a sector, 512–4096
/// @param clusterBytes bytes in a cluster
/// @param fatOffset first byte of the first FAT
/// @param fatBytes bytes of each FAT
/// @param firstFat the FAT that is read; it and all behind it are written
/// @param fats how many FATs are written
/// @param fatCount how many FATs there are
/// @param rootOffset first byte of the fixed root directory
/// @param rootBytes bytes of the fixed root directory, 0 when it is a chain
/// @param rootCluster first cluster of the root directory's chain, 0 when it is fixed
/// @param dataOffset first byte of cluster 2
/// @param clusters how many there are
/// @param size bytes of the file system
/// @param infoOffset first byte of the FSInfo sector, 0 when there is none
/// @param backupOffset first byte of the backup boot sector, 0 when there is none
record Geometry(
    int width,
    int sectorBytes,
    int clusterBytes,
    long fatOffset,
    long fatBytes,
    int firstFat,
    int fats,
    int fatCount,
    long rootOffset,
    int rootBytes,
    int rootCluster,
    long dataOffset,
    int clusters,
    long size,
    long infoOffset,
    long backupOffset) {

  static final int BOOT_BYTES = 512;

  private static final int MAX_CLUSTERS_12 = 4084; // the specification's
  private static final int MAX_CLUSTERS_16 = 65524;
  private static final int MAX_CLUSTERS_32 = 0x0FFFFFF5;

  /// True when the bytes can be the boot sector of a FAT file system.
  static boolean probe(byte[] boot) {
    int sector = LittleEndian.u16(boot, 11);
    int perCluster = LittleEndian.u8(boot, 13);
    int media = LittleEndian.u8(boot, 21);
    boolean jump = LittleEndian.u8(boot, 0) == 0xEB || LittleEndian.u8(boot, 0) == 0xE9;
    return (jump || LittleEndian.u16(boot, 510) == 0xAA55)
        && sector >= 512
        && sector <= 4096
        && Integer.bitCount(sector) == 1
        && Integer.bitCount(perCluster) == 1
        && LittleEndian.u16(boot, 14) != 0
        && LittleEndian.u8(boot, 16) != 0
        && (media >= 0xF8 || media == 0xF0)
        && totalSectors(boot) != 0
        && fatSectors(boot) != 0;
  }

  private static long totalSectors(byte[] boot) {
    int small = LittleEndian.u16(boot, 19);
    return small != 0 ? small : LittleEndian.u32(boot, 32);
  }

  private static long fatSectors(byte[] boot) {
    int small = LittleEndian.u16(boot, 22);
    return small != 0 ? small : LittleEndian.u32(boot, 36);
  }

  static Geometry load(Disk disk) throws IOException {
    byte[] boot = disk.size() < BOOT_BYTES ? new byte[BOOT_BYTES] : disk.readBytes(0, BOOT_BYTES);
    if (!probe(boot)) {
      throw new CorruptImageException("FAT file system: boot sector: not one of FAT");
    }
    return parse(boot, disk.size());
  }

  private static Geometry parse(byte[] boot, long diskSize) throws IOException {
    int sector = LittleEndian.u16(boot, 11);
    long total = totalSectors(boot);
    long perFat = fatSectors(boot);
    int fatCount = LittleEndian.u8(boot, 16);
    int rootBytes = LittleEndian.u16(boot, 17) * 32;
    boolean is32 = LittleEndian.u16(boot, 22) == 0;
    long reserved = LittleEndian.u16(boot, 14);
    long root = reserved + fatCount * perFat;
    long data = root + (rootBytes + sector - 1) / sector;
    int clusterBytes = LittleEndian.u8(boot, 13) * sector;
    if (total * sector > diskSize) {
      throw CorruptImageException.at(
          "FAT file system", "sectors", 32, total, "at most the disk's " + diskSize / sector);
    }
    if (data >= total) {
      throw CorruptImageException.at(
          "FAT file system", "boot sector", 0, "its FATs end at sector " + data, "below " + total);
    }
    long clusters = (total - data) * sector / clusterBytes;
    int width = is32 ? 32 : clusters <= MAX_CLUSTERS_12 ? 12 : 16;
    clusters = Math.min(clusters, perFat * sector * 8 / width - 2);
    clusters = Math.min(clusters, width == 16 ? MAX_CLUSTERS_16 : MAX_CLUSTERS_32);
    if (clusters < 1) {
      throw new CorruptImageException("FAT file system: boot sector: it has no clusters");
    }
    if (is32) {
      require32(boot, rootBytes, fatCount, clusters);
    } else if (rootBytes == 0) {
      throw CorruptImageException.at(
          "FAT file system", "entries of the root directory", 17, 0, "some");
    }
    boolean mirrored = !is32 || (LittleEndian.u16(boot, 40) & 0x80) == 0;
    return new Geometry(
        width,
        sector,
        clusterBytes,
        reserved * sector,
        perFat * sector,
        mirrored ? 0 : LittleEndian.u16(boot, 40) & 0xF,
        mirrored ? fatCount : 1,
        fatCount,
        root * sector,
        rootBytes,
        is32 ? LittleEndian.s32(boot, 44) : 0,
        data * sector,
        (int) clusters,
        total * sector,
        is32 ? reservedSector(LittleEndian.u16(boot, 48), reserved) * sector : 0,
        is32 ? reservedSector(LittleEndian.u16(boot, 50), reserved) * sector : 0);
  }

  private static void require32(byte[] boot, int rootBytes, int fatCount, long clusters)
      throws IOException {
    if (LittleEndian.u16(boot, 42) != 0) {
      throw new UnsupportedFeatureException(
          "FAT file system: FAT32 of version %d.%d"
              .formatted(LittleEndian.u8(boot, 43), LittleEndian.u8(boot, 42)));
    }
    int flags = LittleEndian.u16(boot, 40);
    if ((flags & 0x80) != 0 && (flags & 0xF) >= fatCount) {
      throw CorruptImageException.at(
          "FAT file system", "active FAT", 40, flags & 0xF, "below " + fatCount);
    }
    long root = LittleEndian.u32(boot, 44);
    if (rootBytes != 0 || root < 2 || root >= clusters + 2) {
      throw CorruptImageException.at(
          "FAT file system", "root directory's cluster", 44, root, "one of " + clusters);
    }
  }

  /// @return the sector's number, 0 for none
  private static long reservedSector(int number, long reserved) {
    return number < reserved && number != 0xFFFF ? number : 0;
  }

  /// The last cluster's number.
  int lastCluster() {
    return clusters + 1;
  }

  /// First byte of a cluster.
  ///
  /// @param cluster from 2 to [#lastCluster]
  long offset(int cluster) {
    return dataOffset + (cluster - 2L) * clusterBytes;
  }

  boolean isCluster(int number) {
    return number >= 2 && number <= lastCluster();
  }

  /// Clusters that so many bytes take.
  long clustersFor(long bytes) {
    return (bytes + clusterBytes - 1) / clusterBytes;
  }

  /// Where the volume's serial number lies in the boot sector; its label follows.
  int serialOffset() {
    return width == 32 ? 67 : 39;
  }

  /// Where the boot sector says that serial number and label are there.
  int signatureOffset() {
    return serialOffset() - 1;
  }

  /// Where Linux keeps "dirty" in the boot sector.
  int stateOffset() {
    return serialOffset() - 2;
  }
}
