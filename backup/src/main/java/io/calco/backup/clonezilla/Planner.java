package io.calco.backup.clonezilla;

import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.fs.UsedBlocks;
import io.calco.fs.swap.Swap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// Finds out how the bytes of a partition are saved best.
final class Planner {
  private static final Map<String, String> PARTCLONE =
      Map.of(
          "ext2", "EXTFS",
          "ext3", "EXTFS",
          "ext4", "EXTFS",
          "ntfs", "NTFS",
          "xfs", "XFS",
          "btrfs", "BTRFS",
          "exfat", "EXFAT",
          "f2fs", "F2FS");
  private static final int SECTOR = 512;
  private static final int FIRST = 4096; // boot sectors, which some file systems count as free
  private static final int BLOCK_MAX = 1 << 20;

  /// What follows a file system is saved with it up to this length: NTFS' second boot sector, for
  /// one.
  private static final long TAIL_MAX = 1 << 20;

  private Planner() {}

  /// Plans one.
  ///
  /// @param disk its bytes, which stay open
  static PlannedContent plan(Disk disk) throws IOException {
    Optional<Swap> swap = Swap.find(disk);
    if (swap.isPresent()) {
      FileSystemFacts facts = swap.get().facts();
      return new PlannedContent.Swap(facts.uuid(), facts.label());
    }
    String kind = "";
    try {
      Optional<FileSystemType> type = FileSystems.probe(disk);
      if (type.isEmpty()) {
        return new PlannedContent.AllBytes("", disk, "no file system that Calco knows is in it");
      }
      kind = type.get().name();
      UsedBlocks blocks = type.get().openUsedBlocks(disk);
      try {
        FileSystemFacts facts = blocks.facts();
        kind = facts.type();
        Optional<String> header = header(disk, facts);
        return header.isEmpty()
            ? new PlannedContent.AllBytes(kind, disk, "partclone has no program for " + kind)
            : new PlannedContent.UsedBlocks(
                programOf(kind, header.get()),
                header.get(),
                facts,
                disk,
                used(disk, blocks, facts));
      } finally {
        if (blocks instanceof FileSystem open) {
          open.close();
        }
      }
    } catch (DiskException e) {
      return new PlannedContent.AllBytes(kind, disk, String.valueOf(e.getMessage()));
    }
  }

  /// blkid calls all of them vfat, Clonezilla the smallest fat12.
  private static String programOf(String kind, String header) {
    return header.equals("FAT12") ? "fat12" : kind;
  }

  private static Optional<String> header(Disk disk, FileSystemFacts facts) throws IOException {
    if (!facts.type().equals("vfat")) {
      return Optional.ofNullable(PARTCLONE.get(facts.type()));
    }
    byte[] boot = disk.readBytes(0, SECTOR);
    String small = new String(boot, 54, 5, StandardCharsets.US_ASCII);
    String large = new String(boot, 82, 5, StandardCharsets.US_ASCII);
    return Optional.of(
        large.equals("FAT32") || !small.startsWith("FAT1")
            ? "FAT32"
            : small.equals("FAT12") ? "FAT12" : "FAT16");
  }

  private static DataUnits used(Disk disk, UsedBlocks blocks, FileSystemFacts facts)
      throws IOException {
    long block = blockSize(disk, facts);
    long size = disk.size() - disk.size() % block;
    DataUnits.Builder used = DataUnits.builder(disk.size(), block);
    used.add(0, Math.min(FIRST, size));
    blocks.usedRuns((offset, length) -> add(used, offset, length, size));
    long end = Math.min(facts.size(), size);
    if (end < size && size - end <= TAIL_MAX) {
      used.add(end, size - end);
    }
    return used.build();
  }

  private static void add(DataUnits.Builder used, long offset, long length, long size)
      throws LimitExceededException {
    if (offset < size && length > 0) {
      used.add(offset, Math.min(length, size - offset));
    }
  }

  /// The file system's blocks, or the smaller ones that the partition is a multiple of: partclone
  /// saves whole blocks alone, and nothing behind them.
  private static long blockSize(Disk disk, FileSystemFacts facts) throws IOException {
    long wanted = Math.clamp(Integer.highestOneBit(facts.blockSize()), SECTOR, BLOCK_MAX);
    long rest = disk.size() % wanted;
    if (rest == 0 || facts.size() <= disk.size() - rest && isZero(disk, disk.size() - rest)) {
      return wanted;
    }
    return Long.lowestOneBit(disk.size() | wanted);
  }

  private static boolean isZero(Disk disk, long from) throws IOException {
    MemorySegment bytes =
        MemorySegment.ofArray(disk.readBytes(from, Math.toIntExact(disk.size() - from)));
    return bytes.mismatch(MemorySegment.ofArray(new byte[(int) bytes.byteSize()])) == -1;
  }
}
