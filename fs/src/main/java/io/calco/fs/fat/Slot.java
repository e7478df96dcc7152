package io.calco.fs.fat;

import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileAttributes;

/// The fields of a directory's slots: 32 bytes each.
final class Slot {
  static final int BYTES = 32;

  private static final int NAME_BYTES = 11;
  private static final int ATTRIBUTES = 11;
  private static final int CREATED = 14;
  private static final int ACCESSED = 18;
  private static final int CLUSTER_HIGH = 20;
  private static final int MODIFIED = 22;
  private static final int CLUSTER_LOW = 26;
  private static final int SIZE = 28;
  private static final int ALL_ATTRIBUTES = 0x3F;
  private static final int DELETED = 0xE5;

  private Slot() {}

  /// True for the mark that no slot behind it is in use.
  static boolean isEnd(byte[] bytes, int at) {
    return bytes[at] == 0;
  }

  static boolean isDeleted(byte[] bytes, int at) {
    return LittleEndian.u8(bytes, at) == DELETED;
  }

  static boolean isLongName(byte[] bytes, int at) {
    return attributes(bytes, at) == LongName.ATTRIBUTES;
  }

  static boolean isLabel(byte[] bytes, int at) {
    return (bytes[at + ATTRIBUTES] & (FatEntry.LABEL | FatEntry.DIRECTORY)) == FatEntry.LABEL
        && !isLongName(bytes, at);
  }

  /// True for `.` and `..`.
  static boolean isDots(byte[] bytes, int at) {
    String name = ShortName.text(bytes, at);
    return name.equals(".          ") || name.equals("..         ");
  }

  static int attributes(byte[] bytes, int at) {
    return bytes[at + ATTRIBUTES] & ALL_ATTRIBUTES;
  }

  static int cluster(byte[] bytes, int at, int width) {
    int high = width == 32 ? LittleEndian.u16(bytes, at + CLUSTER_HIGH) << 16 : 0;
    return high | LittleEndian.u16(bytes, at + CLUSTER_LOW);
  }

  static long size(byte[] bytes, int at) {
    return LittleEndian.u32(bytes, at + SIZE);
  }

  static int modified(byte[] bytes, int at) {
    return LittleEndian.s32(bytes, at + MODIFIED);
  }

  static void putName(byte[] bytes, int at, ShortName name) {
    System.arraycopy(name.bytes(), 0, bytes, at, NAME_BYTES);
    LittleEndian.put8(bytes, at + 12, name.lowerCase());
  }

  /// Says where the content begins. What stands in the place of the higher bits in a narrower FAT
  /// stays.
  static void putCluster(byte[] bytes, int at, int cluster, int width) {
    if (width == 32) {
      LittleEndian.put16(bytes, at + CLUSTER_HIGH, cluster >>> 16);
    }
    LittleEndian.put16(bytes, at + CLUSTER_LOW, cluster);
  }

  static void putContent(byte[] bytes, int at, int cluster, long size) {
    putCluster(bytes, at, cluster, 32);
    LittleEndian.put32(bytes, at + SIZE, size);
  }

  /// Stores what of the attributes can be: the owner's write bit of a file, and the time.
  static void putAttributes(byte[] bytes, int at, FileAttributes attributes) {
    int flags = attributes(bytes, at) & ~FatEntry.READ_ONLY;
    if ((flags & FatEntry.DIRECTORY) == 0) {
      flags |= FatEntry.ARCHIVE;
      flags |= (attributes.permissions() & 0200) == 0 ? FatEntry.READ_ONLY : 0;
    }
    int time = DosTime.encode(attributes.modified());
    LittleEndian.put8(bytes, at + ATTRIBUTES, flags);
    LittleEndian.put16(bytes, at + ACCESSED, time >>> 16);
    LittleEndian.put32(bytes, at + MODIFIED, time);
  }

  /// The fields of a new file or directory.
  static byte[] of(FileAttributes attributes, int flags, int cluster, long size) {
    byte[] slot = new byte[BYTES];
    slot[ATTRIBUTES] = (byte) flags;
    putAttributes(slot, 0, attributes);
    LittleEndian.put32(slot, CREATED, LittleEndian.s32(slot, MODIFIED));
    putContent(slot, 0, cluster, size);
    return slot;
  }

  /// Frees the slot and wipes the rest of it.
  static void delete(byte[] bytes, int at) {
    java.util.Arrays.fill(bytes, at, at + BYTES, (byte) 0);
    LittleEndian.put8(bytes, at, DELETED);
  }
}
