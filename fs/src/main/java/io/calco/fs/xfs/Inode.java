package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import java.time.Instant;

/// An inode as its bytes. Reading one gives a copy; a changed one is stored by
/// [Inodes#write(Inode)].
final class Inode {
  static final int MAGIC = 0x494E;
  static final int NEXT_UNLINKED = 96;

  /// Forms of a fork.
  static final int DEVICE = 0;

  static final int LOCAL = 1;
  static final int EXTENTS = 2;
  static final int BTREE = 3;

  static final int FLAG_REALTIME = 1;
  static final int FLAG_IMMUTABLE = 8;
  static final int FLAG_APPEND = 16;
  static final long FLAG2_REFLINK = 2;
  static final long FLAG2_BIGTIME = 8;
  static final long FLAG2_NREXT64 = 0x10;

  private static final int CORE_2 = 100;
  private static final int CORE_3 = 176;
  private static final long NANOS = 1_000_000_000;
  private static final long BIGTIME_EPOCH = 1L << 31;

  private final long number;
  private final byte[] raw;

  Inode(long number, byte[] raw) {
    this.number = number;
    this.raw = raw;
  }

  /// Checks what every inode in use must hold.
  void check(Geometry geometry, long diskOffset) throws CorruptImageException {
    String problem = problem(geometry);
    if (!problem.isEmpty()) {
      throw Metadata.INODE.corrupt(diskOffset, problem, "a sound one");
    }
  }

  /// What is wrong with it; empty when nothing is.
  private String problem(Geometry geometry) {
    if (u16(0) != MAGIC) {
      return "no inode's magic";
    }
    boolean v3 = version() == 3;
    if (v3 != geometry.features.v5() || !v3 && version() != 1 && version() != 2) {
      return "version " + version();
    }
    if (v3 && s64(152) != number) {
      return "another inode's number";
    }
    if (size() < 0) {
      return "size " + Long.toUnsignedString(size());
    }
    if (u8(82) * 8 >= raw.length - coreSize()) {
      return "attributes beyond its end";
    }
    if (dataExtents() < 0 || dataExtents() >= 1L << 48) {
      return "number of extents " + dataExtents();
    }
    if (mode() != 0 && !formFits()) {
      return "mode %o with a fork of form %d".formatted(mode(), format());
    }
    if (format() == LOCAL && size() > dataForkSize()) {
      return "more data than fits in it";
    }
    boolean attributes = attributeFormat() >= LOCAL && attributeFormat() <= BTREE;
    return u8(82) == 0 || attributes ? "" : "attributes of form " + attributeFormat();
  }

  private boolean formFits() {
    boolean mapped = format() == EXTENTS || format() == BTREE;
    return switch (type()) {
      case REGULAR -> mapped;
      case DIRECTORY, SYMBOLIC_LINK -> mapped || format() == LOCAL;
      case UNKNOWN -> false;
      default -> format() == DEVICE;
    };
  }

  private int u8(int at) {
    return BigEndian.u8(raw, at);
  }

  private int u16(int at) {
    return BigEndian.u16(raw, at);
  }

  private long u32(int at) {
    return BigEndian.u32(raw, at);
  }

  private long s64(int at) {
    return BigEndian.s64(raw, at);
  }

  long number() {
    return number;
  }

  /// Its bytes, live.
  byte[] raw() {
    return raw;
  }

  int mode() {
    return u16(2);
  }

  int version() {
    return u8(4);
  }

  int format() {
    return u8(5);
  }

  int coreSize() {
    return version() == 3 ? CORE_3 : CORE_2;
  }

  long links() {
    return version() == 1 ? u16(6) : u32(16);
  }

  long size() {
    return s64(56);
  }

  /// Blocks it has, those of its trees and attributes too.
  long blocks() {
    return s64(64);
  }

  int flags() {
    return u16(90);
  }

  long flags2() {
    return version() == 3 ? s64(120) : 0;
  }

  long generation() {
    return u32(92);
  }

  boolean wideCounts() {
    return (flags2() & FLAG2_NREXT64) != 0;
  }

  long dataExtents() {
    return wideCounts() ? s64(24) : u32(76);
  }

  long attributeExtents() {
    return wideCounts() ? u32(76) : u16(80);
  }

  boolean hasAttributes() {
    return u8(82) != 0;
  }

  int attributeFormat() {
    return u8(83);
  }

  int dataForkSize() {
    return u8(82) == 0 ? raw.length - coreSize() : u8(82) * 8;
  }

  int attributeForkAt() {
    return coreSize() + u8(82) * 8;
  }

  int attributeForkSize() {
    return u8(82) == 0 ? 0 : raw.length - attributeForkAt();
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

  Instant modified() {
    return time(40);
  }

  private Instant time(int at) {
    if ((flags2() & FLAG2_BIGTIME) != 0) {
      long nanos = s64(at);
      return Instant.ofEpochSecond(
          Long.divideUnsigned(nanos, NANOS) - BIGTIME_EPOCH, Long.remainderUnsigned(nanos, NANOS));
    }
    return Instant.ofEpochSecond(BigEndian.s32(raw, at), u32(at + 4));
  }

  FileStatus status(int blockBits) {
    return new FileStatus(
        number,
        type(),
        type() == FileType.REGULAR
                || type() == FileType.DIRECTORY
                || type() == FileType.SYMBOLIC_LINK
            ? size()
            : 0,
        mode() & 07777,
        (int) u32(8),
        (int) u32(12),
        (int) Math.min(Integer.MAX_VALUE, links()),
        modified(),
        blocks() > Long.MAX_VALUE >> blockBits || blocks() < 0
            ? Long.MAX_VALUE
            : blocks() << blockBits);
  }

  void putMode(int mode) {
    BigEndian.put16(raw, 2, mode);
  }

  void putLinks(long links) {
    BigEndian.put32(raw, 16, links);
  }

  void putSize(long size) {
    BigEndian.put64(raw, 56, size);
  }

  void putBlocks(long blocks) {
    BigEndian.put64(raw, 64, blocks);
  }

  void putFormat(int format) {
    BigEndian.put8(raw, 5, format);
  }

  void putDataExtents(long extents) {
    if (wideCounts()) {
      BigEndian.put64(raw, 24, extents);
    } else {
      BigEndian.put32(raw, 76, extents);
    }
  }

  void putFlags2(long flags) {
    BigEndian.put64(raw, 120, flags);
  }

  /// Says where the attribute fork begins and what form it has.
  ///
  /// @param at in bytes from the data fork, a multiple of 8; 0 for none
  void putAttributeFork(int at, int format, long extents) {
    BigEndian.put8(raw, 82, at / 8);
    BigEndian.put8(raw, 83, format);
    if (wideCounts()) {
      BigEndian.put32(raw, 76, extents);
    } else {
      BigEndian.put16(raw, 80, (int) extents);
    }
  }

  void putAttributes(FileAttributes attributes, Instant now) {
    putMode(mode() & ~07777 | attributes.permissions());
    BigEndian.put32(raw, 8, attributes.uid());
    BigEndian.put32(raw, 12, attributes.gid());
    putTime(32, attributes.modified());
    putTime(40, attributes.modified());
    putTime(48, now);
  }

  /// Content and inode have changed.
  void touch(Instant now) {
    putTime(40, now);
    putTime(48, now);
  }

  /// The inode has changed.
  void touchChange(Instant now) {
    putTime(48, now);
  }

  void putCreated(Instant now) {
    putTime(144, now);
  }

  private void putTime(int at, Instant time) {
    if ((flags2() & FLAG2_BIGTIME) != 0) {
      long most = Long.divideUnsigned(-1, NANOS) - 1;
      long seconds = Math.clamp(time.getEpochSecond() + BIGTIME_EPOCH, 0, most);
      BigEndian.put64(raw, at, seconds * NANOS + time.getNano());
    } else {
      long seconds = Math.clamp(time.getEpochSecond(), Integer.MIN_VALUE, Integer.MAX_VALUE);
      BigEndian.put32(raw, at, seconds);
      BigEndian.put32(raw, at + 4, time.getNano());
    }
  }

  /// One more change, as NFS counts them.
  void countChange() {
    BigEndian.put64(raw, 104, s64(104) + 1);
  }

  /// A new inode: zeroes but for what makes it one.
  static Inode fresh(Geometry geometry, long number, long generation) {
    byte[] raw = new byte[geometry.inodeSize];
    BigEndian.put16(raw, 0, MAGIC);
    BigEndian.put8(raw, 4, 3);
    BigEndian.put32(raw, 92, generation);
    BigEndian.put32(raw, NEXT_UNLINKED, -1);
    BigEndian.put64(raw, 152, number);
    System.arraycopy(geometry.metaUuid(), 0, raw, 160, 16);
    return new Inode(number, raw);
  }

  /// Takes a fresh inode into use.
  void initialise(Geometry geometry, int mode, long links, Instant now) {
    putMode(mode);
    putFormat(EXTENTS);
    putLinks(links);
    long flags =
        (geometry.features.hasIncompat(Features.IN_BIGTIME) ? FLAG2_BIGTIME : 0)
            | (geometry.features.hasIncompat(Features.IN_NREXT64) ? FLAG2_NREXT64 : 0);
    putFlags2(flags);
    putAttributeFork(0, EXTENTS, 0);
    putCreated(now);
    countChange();
  }

  boolean isDirectory() {
    return type() == FileType.DIRECTORY;
  }

  boolean isRegular() {
    return type() == FileType.REGULAR;
  }
}
