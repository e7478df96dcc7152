package io.calco.backup.clonezilla;

import io.calco.disk.bytes.LittleEndian;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/// The first sectors of a disk with a GPT, whole: the protective MBR, the header and all entries
/// (UEFI 2.10, section 5.3), and what follows from them for the backup at the disk's end. Its
/// arrays are not to be changed.
final class GptHead {
  private static final byte[] SIGNATURE = "EFI PART".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_SIZE = 12;
  private static final int HEADER_CRC = 16;
  private static final int MY_LBA = 24;
  private static final int ALTERNATE_LBA = 32;
  private static final int ENTRY_LBA = 72;
  private static final int COUNT = 80;
  private static final int ENTRY_SIZE = 84;
  private static final int ENTRIES_CRC = 88;
  private static final int HEADER_BYTES = 92;
  private static final int ARRAY_MAX = 4 << 20; // ours, as in io.calco.volume
  private static final int BACKUP_ENTRIES = 3 * 512; // in sgdisk's file

  private final int sectorSize;
  private final byte[] mbr;
  private final byte[] header;
  private final byte[] entries;
  private final long lastLba;

  private GptHead(int sectorSize, byte[] mbr, byte[] header, byte[] entries, long lastLba) {
    this.sectorSize = sectorSize;
    this.mbr = mbr;
    this.header = header;
    this.entries = entries;
    this.lastLba = lastLba;
  }

  /// Bytes of a sector.
  int sectorSize() {
    return sectorSize;
  }

  /// Sector 0.
  byte[] mbr() {
    return mbr;
  }

  /// Sector 1.
  byte[] header() {
    return header;
  }

  /// The whole array.
  byte[] entries() {
    return entries;
  }

  /// The sector that the backup's header lies in.
  long lastLba() {
    return lastLba;
  }

  /// What `dd` took from the disk's start, in sectors of 512 bytes whatever the disk's are. Entries
  /// that it cut off were empty if the checksum says so.
  static Optional<GptHead> ofFirstSectors(byte[] bytes) {
    for (int sectorSize : new int[] {512, 4096}) {
      if (bytes.length >= 2 * sectorSize && signed(bytes, sectorSize)) {
        byte[] header = Arrays.copyOfRange(bytes, sectorSize, 2 * sectorSize);
        long entries = LittleEndian.s64(header, ENTRY_LBA);
        if (entries >= 2 && entries <= bytes.length / sectorSize) {
          return of(bytes, sectorSize, header, (int) entries * sectorSize);
        }
      }
    }
    return Optional.empty();
  }

  /// What `sgdisk --backup` wrote: MBR, both headers, entries. It has sectors of 512 bytes whatever
  /// the disk's are.
  ///
  /// @param sectorSize the disk's
  static Optional<GptHead> ofBackup(byte[] bytes, int sectorSize) {
    if (bytes.length < BACKUP_ENTRIES || !signed(bytes, 512)) {
      return Optional.empty();
    }
    byte[] header = Arrays.copyOf(Arrays.copyOfRange(bytes, 512, 1024), sectorSize);
    return of(bytes, sectorSize, header, BACKUP_ENTRIES);
  }

  private static boolean signed(byte[] bytes, int at) {
    return Arrays.equals(bytes, at, at + SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
  }

  private static Optional<GptHead> of(byte[] bytes, int sectorSize, byte[] header, int from) {
    long size = LittleEndian.u32(header, HEADER_SIZE);
    long array = LittleEndian.u32(header, COUNT) * LittleEndian.u32(header, ENTRY_SIZE);
    long place = LittleEndian.s64(header, ENTRY_LBA);
    boolean near = place >= 2 && place <= ARRAY_MAX / sectorSize;
    if (size < HEADER_BYTES || size > sectorSize || array < 1 || array > ARRAY_MAX || !near) {
      return Optional.empty();
    }
    byte[] entries =
        Arrays.copyOf(
            Arrays.copyOfRange(bytes, from, (int) Math.min(bytes.length, from + array)),
            (int) array);
    long alternate = LittleEndian.s64(header, ALTERNATE_LBA);
    boolean whole =
        LittleEndian.s64(header, MY_LBA) == 1
            && headerCrc(header) == LittleEndian.s32(header, HEADER_CRC)
            && crc(entries, entries.length) == LittleEndian.s32(header, ENTRIES_CRC)
            && alternate > 1
            && alternate < Long.MAX_VALUE / sectorSize - 1;
    byte[] mbr = Arrays.copyOf(Arrays.copyOf(bytes, 512), sectorSize);
    return whole
        ? Optional.of(new GptHead(sectorSize, mbr, header, entries, alternate))
        : Optional.empty();
  }

  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static int headerCrc(byte[] header) {
    byte[] copy = header.clone();
    LittleEndian.put32(copy, HEADER_CRC, 0);
    return crc(copy, (int) LittleEndian.u32(header, HEADER_SIZE));
  }

  /// Where the entries lie, in bytes.
  long entriesOffset() {
    return LittleEndian.s64(header, ENTRY_LBA) * sectorSize;
  }

  /// Sectors that the entries take.
  long entrySectors() {
    return Math.ceilDiv(entries.length, sectorSize);
  }

  /// Where the backup begins, with its entries, in bytes.
  long backupOffset() {
    return (lastLba - entrySectors()) * sectorSize;
  }

  /// The backup: the entries, and behind them its header.
  byte[] backup() {
    int array = (int) entrySectors() * sectorSize;
    byte[] bytes = Arrays.copyOf(entries, array + sectorSize);
    byte[] copy = header.clone();
    LittleEndian.put64(copy, MY_LBA, lastLba);
    LittleEndian.put64(copy, ALTERNATE_LBA, 1);
    LittleEndian.put64(copy, ENTRY_LBA, lastLba - entrySectors());
    LittleEndian.put32(copy, HEADER_CRC, headerCrc(copy));
    System.arraycopy(copy, 0, bytes, array, sectorSize);
    return bytes;
  }

  /// What `sgdisk --backup` writes of this table.
  byte[] toBackupFile() {
    byte[] bytes = new byte[BACKUP_ENTRIES + entries.length];
    System.arraycopy(mbr, 0, bytes, 0, 512);
    System.arraycopy(header, 0, bytes, 512, 512);
    byte[] backup = backup();
    System.arraycopy(backup, backup.length - sectorSize, bytes, 1024, 512);
    System.arraycopy(entries, 0, bytes, BACKUP_ENTRIES, entries.length);
    return bytes;
  }
}
