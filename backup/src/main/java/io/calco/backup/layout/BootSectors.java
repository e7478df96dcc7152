package io.calco.backup.layout;

import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// What the boot sectors of FAT and NTFS have to do with the place of their partition: it says
/// where that begins (BPB_HiddSec), so does its copy, and NTFS' copy lies in the partition's last
/// sector.
final class BootSectors {
  private static final int SECTOR = 512;
  private static final int BYTES_PER_SECTOR = 0x0b;
  private static final int HIDDEN_SECTORS = 0x1c;
  private static final int FAT32_SPARE = 0x32;
  private static final int NTFS_SECTORS = 0x28;

  private static final ValueLayout.OfShort LE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LE_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BootSectors() {}

  /// Sets the hidden sectors in a partition that was moved, if it was right.
  ///
  /// @param before the partition's first sector as it was
  /// @param now as it is
  static void move(Disk partition, long before, long now) throws IOException {
    if (partition.size() < SECTOR || now > 0xffff_ffffL) {
      return;
    }
    MemorySegment boot = MemorySegment.ofArray(partition.readBytes(0, SECTOR));
    int sector = Short.toUnsignedInt(boot.get(LE_SHORT, BYTES_PER_SECTOR));
    boolean ntfs = has(boot, 3, "NTFS    ");
    boolean fat32 = has(boot, 0x52, "FAT32   ");
    boolean fat = fat32 || has(boot, 0x36, "FAT");
    if (sector < SECTOR || !(ntfs || fat) || !set(partition, 0, before, now)) {
      return;
    }
    if (ntfs) {
      long spare = boot.get(LE_LONG, NTFS_SECTORS);
      if (spare > 0 && spare < partition.size() / sector) {
        set(partition, spare * sector, before, now);
      }
    } else if (fat32) {
      long spare = Short.toUnsignedInt(boot.get(LE_SHORT, FAT32_SPARE));
      if (spare > 0 && (spare + 1) * sector <= partition.size()) {
        set(partition, spare * sector, before, now);
      }
    }
  }

  /// Repeats NTFS' boot sector in the last sector of a partition whose length has changed: there
  /// Windows and ntfsfix look for it when the first one is damaged. The copy behind the volume's
  /// own last sector stays.
  static void repeat(Disk partition) throws IOException {
    if (partition.size() < SECTOR) {
      return;
    }
    MemorySegment boot = MemorySegment.ofArray(partition.readBytes(0, SECTOR));
    int sector = Short.toUnsignedInt(boot.get(LE_SHORT, BYTES_PER_SECTOR));
    if (sector < SECTOR || !has(boot, 3, "NTFS    ") || !isMarked(boot)) {
      return;
    }
    long last = partition.size() / sector - 1;
    long volume = boot.get(LE_LONG, NTFS_SECTORS);
    if (volume > 0 && volume < last) {
      partition.writeBytes(last * sector, partition.readBytes(0, sector));
    }
  }

  private static boolean isMarked(MemorySegment boot) {
    return boot.get(ValueLayout.JAVA_BYTE, 510) == 0x55
        && boot.get(ValueLayout.JAVA_BYTE, 511) == (byte) 0xaa;
  }

  private static boolean set(Disk partition, long at, long before, long now) throws IOException {
    MemorySegment boot = MemorySegment.ofArray(partition.readBytes(at, SECTOR));
    boolean right =
        Integer.toUnsignedLong(boot.get(LE_INT, HIDDEN_SECTORS)) == before && isMarked(boot);
    if (right) {
      boot.set(LE_INT, HIDDEN_SECTORS, (int) now);
      partition.write(at, boot);
    }
    return right;
  }

  private static boolean has(MemorySegment boot, long at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return boot.asSlice(at, bytes.length).mismatch(MemorySegment.ofArray(bytes)) < 0;
  }
}
