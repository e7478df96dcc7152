package io.calco.fs.ext;

import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import java.time.Instant;

/// An inode in memory: its bytes as they stand in the inode table, and its number.
final class Inode {
  static final int ROOT = 2;
  static final int RESIZE = 7;

  static final int BLOCK_MAP = 0x28;
  static final int BLOCK_MAP_SIZE = 60;

  static final int FLAG_INDEX = 0x1000;
  static final int FLAG_ENCRYPT = 0x800;
  static final int FLAG_HUGE_FILE = 0x40000;
  static final int FLAG_EXTENTS = 0x80000;
  static final int FLAG_VERITY = 0x100000;
  static final int FLAG_EA_INODE = 0x200000;
  static final int FLAG_INLINE_DATA = 0x10000000;
  static final int FLAG_CASEFOLD = 0x40000000;

  private static final int SIZE_LOW = 0x04;
  private static final int ATIME = 0x08;
  private static final int CTIME = 0x0C;
  private static final int MTIME = 0x10;
  private static final int DTIME = 0x14;
  private static final int LINKS = 0x1A;
  private static final int BLOCKS_LOW = 0x1C;
  private static final int FLAGS = 0x20;
  private static final int GENERATION = 0x64;
  private static final int XATTR_BLOCK = 0x68;
  private static final int SIZE_HIGH = 0x6C;
  private static final int BLOCKS_HIGH = 0x74;
  private static final int XATTR_BLOCK_HIGH = 0x76;
  private static final int UID_HIGH = 0x78;
  private static final int GID_HIGH = 0x7A;
  private static final int EXTRA_ISIZE = 0x80;
  private static final int CTIME_EXTRA = 0x84;
  private static final int MTIME_EXTRA = 0x88;
  private static final int ATIME_EXTRA = 0x8C;
  private static final int CRTIME = 0x90;
  private static final int CRTIME_EXTRA = 0x94;

  private final long number;
  private final byte[] raw;

  Inode(long number, byte[] raw) {
    this.number = number;
    this.raw = raw;
  }

  long number() {
    return number;
  }

  /// The inode's bytes, live.
  byte[] raw() {
    return raw;
  }

  int mode() {
    return LittleEndian.u16(raw, 0);
  }

  void putMode(int mode) {
    LittleEndian.put16(raw, 0, mode);
  }

  FileType type() {
    return switch (mode() >> 12) {
      case 8 -> FileType.REGULAR;
      case 4 -> FileType.DIRECTORY;
      case 10 -> FileType.SYMBOLIC_LINK;
      case 2 -> FileType.CHARACTER_DEVICE;
      case 6 -> FileType.BLOCK_DEVICE;
      case 1 -> FileType.FIFO;
      case 12 -> FileType.SOCKET;
      default -> FileType.UNKNOWN;
    };
  }

  boolean isDirectory() {
    return type() == FileType.DIRECTORY;
  }

  boolean isRegular() {
    return type() == FileType.REGULAR;
  }

  /// True for the kinds whose block map maps blocks.
  boolean mayHaveBlocks() {
    return switch (type()) {
      case REGULAR, DIRECTORY -> !hasFlag(FLAG_INLINE_DATA);
      case SYMBOLIC_LINK -> !hasFlag(FLAG_INLINE_DATA) && !isFastLink();
      case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO, SOCKET, UNKNOWN -> false;
    };
  }

  /// True for a symbolic link whose target stands in the block map itself.
  boolean isFastLink() {
    return type() == FileType.SYMBOLIC_LINK
        && size() < BLOCK_MAP_SIZE
        && !hasFlag(FLAG_EXTENTS | FLAG_INLINE_DATA);
  }

  /// Bytes; at least 0 in a valid inode, negative when the field is beyond 2⁶³.
  long size() {
    return LittleEndian.u32(raw, SIZE_LOW) | LittleEndian.u32(raw, SIZE_HIGH) << 32;
  }

  void putSize(long size) {
    LittleEndian.put32(raw, SIZE_LOW, size);
    LittleEndian.put32(raw, SIZE_HIGH, size >>> 32);
  }

  int links() {
    return LittleEndian.u16(raw, LINKS);
  }

  void putLinks(int links) {
    LittleEndian.put16(raw, LINKS, links);
  }

  /// The time of deletion, or the next inode in the list of orphans.
  long deletionTime() {
    return LittleEndian.u32(raw, DTIME);
  }

  void putDeletionTime(long time) {
    LittleEndian.put32(raw, DTIME, time);
  }

  int flags() {
    return LittleEndian.s32(raw, FLAGS);
  }

  boolean hasFlag(int flag) {
    return (flags() & flag) != 0;
  }

  void setFlag(int flag) {
    LittleEndian.put32(raw, FLAGS, flags() | flag);
  }

  void clearFlag(int flag) {
    LittleEndian.put32(raw, FLAGS, flags() & ~flag);
  }

  int generation() {
    return LittleEndian.s32(raw, GENERATION);
  }

  void putGeneration(int generation) {
    LittleEndian.put32(raw, GENERATION, generation);
  }

  /// The block of extended attributes, or 0.
  long attributeBlock() {
    return LittleEndian.u32(raw, XATTR_BLOCK)
        | (long) LittleEndian.u16(raw, XATTR_BLOCK_HIGH) << 32;
  }

  void putAttributeBlock(long block) {
    LittleEndian.put32(raw, XATTR_BLOCK, block);
    LittleEndian.put16(raw, XATTR_BLOCK_HIGH, (int) (block >>> 32));
  }

  /// Bytes of the blocks that the file takes, those of its maps and attributes among them.
  long allocatedSize(Geometry geometry) {
    long count = LittleEndian.u32(raw, BLOCKS_LOW);
    if (!geometry.features().hasRoCompat(Features.RO_COMPAT_HUGE_FILE)) {
      return count << 9;
    }
    count |= (long) LittleEndian.u16(raw, BLOCKS_HIGH) << 32;
    return hasFlag(FLAG_HUGE_FILE) ? count << geometry.blockBits() : count << 9;
  }

  /// Counts blocks that were added to the file or, when negative, taken from it.
  void addBlocks(Geometry geometry, long blocks) {
    long bytes = Math.max(0, allocatedSize(geometry) + (blocks << geometry.blockBits()));
    long sectors = bytes >> 9;
    boolean huge = sectors >= 1L << 48;
    long count = huge ? bytes >> geometry.blockBits() : sectors;
    LittleEndian.put32(raw, BLOCKS_LOW, count);
    if (geometry.features().hasRoCompat(Features.RO_COMPAT_HUGE_FILE)) {
      LittleEndian.put16(raw, BLOCKS_HIGH, (int) (count >>> 32));
      if (huge) {
        setFlag(FLAG_HUGE_FILE);
      } else {
        clearFlag(FLAG_HUGE_FILE);
      }
    }
  }

  int uid() {
    return LittleEndian.u16(raw, 2) | LittleEndian.u16(raw, UID_HIGH) << 16;
  }

  int gid() {
    return LittleEndian.u16(raw, 0x18) | LittleEndian.u16(raw, GID_HIGH) << 16;
  }

  /// Bytes of the inode that are in use after the first 128.
  int extraSize() {
    return raw.length > 128 ? LittleEndian.u16(raw, EXTRA_ISIZE) : 0;
  }

  void putExtraSize(int size) {
    if (raw.length > 128) {
      LittleEndian.put16(raw, EXTRA_ISIZE, size);
    }
  }

  private boolean hasField(int field) {
    return field + 4 <= 128 + extraSize() && field + 4 <= raw.length;
  }

  Instant modified() {
    long seconds = LittleEndian.s32(raw, MTIME);
    if (!hasField(MTIME_EXTRA)) {
      return Instant.ofEpochSecond(seconds);
    }
    long extra = LittleEndian.u32(raw, MTIME_EXTRA);
    return Instant.ofEpochSecond(seconds + ((extra & 3) << 32), extra >>> 2);
  }

  private void putTime(int field, int extraField, Instant time) {
    long asked = time.getEpochSecond();
    int nanoseconds = time.getNano();
    long least = Integer.MIN_VALUE;
    boolean wide = hasField(extraField);
    long most = wide ? least + (1L << 34) - 1 : Integer.MAX_VALUE;
    long seconds = Math.clamp(asked, least, most);
    LittleEndian.put32(raw, field, seconds);
    if (wide) {
      long epoch = (seconds - (int) seconds) >>> 32;
      LittleEndian.put32(raw, extraField, epoch | (long) nanoseconds << 2);
    }
  }

  /// Sets the times of modification and change.
  void touch(Instant time) {
    putTime(MTIME, MTIME_EXTRA, time);
    putTime(CTIME, CTIME_EXTRA, time);
  }

  /// Sets the time of change only.
  void touchChange(Instant time) {
    putTime(CTIME, CTIME_EXTRA, time);
  }

  /// Sets the time of creation.
  void putCreated(Instant time) {
    if (hasField(CRTIME_EXTRA)) {
      putTime(CRTIME, CRTIME_EXTRA, time);
    }
  }

  /// Sets permissions, owner, group and all three times; the kind stays.
  void putAttributes(FileAttributes attributes) {
    putMode((mode() & 0xF000) | attributes.permissions());
    LittleEndian.put16(raw, 2, attributes.uid());
    LittleEndian.put16(raw, UID_HIGH, attributes.uid() >>> 16);
    LittleEndian.put16(raw, 0x18, attributes.gid());
    LittleEndian.put16(raw, GID_HIGH, attributes.gid() >>> 16);
    touch(attributes.modified());
    putTime(ATIME, ATIME_EXTRA, attributes.modified());
  }

  FileStatus status(Geometry geometry) {
    return new FileStatus(
        number,
        type(),
        size(),
        mode() & 0xFFF,
        uid(),
        gid(),
        links(),
        modified(),
        allocatedSize(geometry));
  }
}
