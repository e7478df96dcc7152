package io.calco.fs.exfat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Where everything lies, from the boot sector. All of it is in the disk.
///
/// @param clusterBytes bytes in a cluster
/// @param fatOffset first byte of the active FAT
/// @param heapOffset first byte of cluster 2
/// @param clusters how many there are
/// @param rootCluster first cluster of the root directory
/// @param size bytes of the file system
/// @param serial the volume's number
/// @param secondFat true when the second FAT and bitmap are active
/// @param clean false when the volume is marked dirty
record Geometry(
    int clusterBytes,
    long fatOffset,
    long heapOffset,
    int clusters,
    int rootCluster,
    long size,
    int serial,
    boolean secondFat,
    boolean clean) {

  static final int BOOT_BYTES = 512;

  private static final long MAX_CLUSTERS = 0xFFFFFFF5L; // the specification's
  private static final long OUR_CLUSTERS = 1L << 30; // ours: 32 TiB of 32 KiB

  static boolean probe(Disk disk) throws IOException {
    if (disk.size() < BOOT_BYTES) {
      return false;
    }
    byte[] boot = disk.readBytes(0, BOOT_BYTES);
    return new String(boot, 3, 8, StandardCharsets.ISO_8859_1).equals("EXFAT   ")
        && LittleEndian.u16(boot, 510) == 0xAA55;
  }

  static Geometry load(Disk disk) throws IOException {
    if (!probe(disk)) {
      throw new CorruptImageException("exFAT: boot sector: not one of exFAT");
    }
    byte[] boot = disk.readBytes(0, BOOT_BYTES);
    int sectorBits = LittleEndian.u8(boot, 108);
    int perClusterBits = LittleEndian.u8(boot, 109);
    if (sectorBits < 9 || sectorBits > 12 || perClusterBits > 25 - sectorBits) {
      throw CorruptImageException.at(
          "exFAT",
          "sizes of sectors and clusters",
          108,
          sectorBits + ", " + perClusterBits,
          "sectors of 512 to 4096 bytes, clusters of at most 32 MiB");
    }
    if (LittleEndian.u8(boot, 105) != 1) {
      throw new UnsupportedFeatureException(
          "exFAT: revision %d.%02d"
              .formatted(LittleEndian.u8(boot, 105), LittleEndian.u8(boot, 104)));
    }
    return parse(boot, disk.size(), sectorBits, sectorBits + perClusterBits);
  }

  private static Geometry parse(byte[] boot, long diskSize, int sectorBits, int clusterBits)
      throws IOException {
    long sectors = LittleEndian.s64(boot, 72);
    long fat = LittleEndian.u32(boot, 80);
    long fatSectors = LittleEndian.u32(boot, 84);
    long heap = LittleEndian.u32(boot, 88);
    long clusters = LittleEndian.u32(boot, 92);
    long root = LittleEndian.u32(boot, 96);
    int flags = LittleEndian.u16(boot, 106);
    int fats = LittleEndian.u8(boot, 110);
    boolean second = (flags & 1) != 0 && fats == 2;
    if (sectors <= 0 || sectors > diskSize >>> sectorBits) {
      throw CorruptImageException.at(
          "exFAT", "sectors", 72, sectors, "at most the disk's " + (diskSize >>> sectorBits));
    }
    boolean isWhole =
        fat + fats * fatSectors <= heap
            && heap <= sectors
            && clusters <= MAX_CLUSTERS
            && clusters <= (sectors - heap) << sectorBits >>> clusterBits
            && (clusters + 2) * 4 <= fatSectors << sectorBits
            && root >= 2
            && root < clusters + 2;
    if (!isWhole || fat == 0 || fats < 1 || fats > 2) {
      throw CorruptImageException.at(
          "exFAT",
          "boot sector",
          80,
          "FATs at sector %d, clusters at %d, %d of them".formatted(fat, heap, clusters),
          "both within " + sectors);
    }
    if (clusters > OUR_CLUSTERS) {
      throw new UnsupportedFeatureException(
          "exFAT: %d clusters, more than %d (our limit)".formatted(clusters, OUR_CLUSTERS));
    }
    return new Geometry(
        1 << clusterBits,
        (fat + (second ? fatSectors : 0)) << sectorBits,
        heap << sectorBits,
        (int) clusters,
        (int) root,
        sectors << sectorBits,
        LittleEndian.s32(boot, 100),
        second,
        (flags & 2) == 0);
  }

  boolean isCluster(long number) {
    return number >= 2 && number < clusters + 2L;
  }

  /// First byte of a cluster.
  long offset(long cluster) {
    return heapOffset + (cluster - 2) * clusterBytes;
  }

  long clustersFor(long bytes) {
    return bytes / clusterBytes + (bytes % clusterBytes == 0 ? 0 : 1);
  }
}
