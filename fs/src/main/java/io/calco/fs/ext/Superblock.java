package io.calco.fs.ext;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// The superblock's fields that change while a file system is written.
final class Superblock {
  static final int FREE_BLOCKS = 0x0C;
  static final int FREE_INODES = 0x10;
  static final int STATE = 0x3A;
  static final int REVISION = 0x4C;
  static final int COMPAT = 0x5C;
  static final int INCOMPAT = 0x60;
  static final int RO_COMPAT = 0x64;
  static final int JOURNAL_INODE = 0xE0;
  static final int LAST_ORPHAN = 0xE8;
  static final int HASH_SEED = 0xEC;
  static final int HASH_VERSION = 0xFC;
  static final int FREE_BLOCKS_HIGH = 0x158;
  static final int WANT_EXTRA_ISIZE = 0x15E;
  static final int FLAGS = 0x160;
  static final int LOG_GROUPS_PER_FLEX = 0x174;
  static final int ORPHAN_FILE_INODE = 0x280;
  static final int LOST_AND_FOUND = 0x268;
  static final int JOURNAL_BACKUP_TYPE = 0xFD;
  static final int JOURNAL_BACKUP = 0x10C;

  static final int STATE_VALID = 1;
  static final int STATE_ERROR = 2;
  static final int FLAG_UNSIGNED_HASH = 2;

  private static final int CHECKSUM = 0x3FC;

  private final Geometry geometry;
  private final Blocks blocks;
  private final int at;

  Superblock(Geometry geometry, Blocks blocks) {
    this.geometry = geometry;
    this.blocks = blocks;
    this.at = Geometry.SUPERBLOCK_OFFSET & (geometry.blockSize() - 1);
  }

  private byte[] block() throws IOException {
    return blocks.read(geometry.superblockBlock(), Blocks.Check.NONE);
  }

  byte[] edit() throws IOException {
    return blocks.edit(geometry.superblockBlock(), Blocks.Check.NONE);
  }

  /// Where the superblock begins in [#edit].
  int offset() {
    return at;
  }

  long u32(int field) throws IOException {
    return LittleEndian.u32(block(), at + field);
  }

  int s32(int field) throws IOException {
    return LittleEndian.s32(block(), at + field);
  }

  int u16(int field) throws IOException {
    return LittleEndian.u16(block(), at + field);
  }

  int u8(int field) throws IOException {
    return LittleEndian.u8(block(), at + field);
  }

  byte[] bytes(int field, int length) throws IOException {
    return java.util.Arrays.copyOfRange(block(), at + field, at + field + length);
  }

  void put32(int field, long value) throws IOException {
    LittleEndian.put32(edit(), at + field, value);
  }

  void put16(int field, int value) throws IOException {
    LittleEndian.put16(edit(), at + field, value);
  }

  /// Free blocks, whatever the size of a cluster.
  long freeBlocks() throws IOException {
    boolean wide = geometry.features().hasIncompat(Features.INCOMPAT_64BIT);
    return u32(FREE_BLOCKS) | (wide ? u32(FREE_BLOCKS_HIGH) << 32 : 0);
  }

  void putFreeBlocks(long count) throws IOException {
    put32(FREE_BLOCKS, count);
    if (geometry.features().hasIncompat(Features.INCOMPAT_64BIT)) {
      put32(FREE_BLOCKS_HIGH, count >>> 32);
    }
  }

  void addFreeBlocks(long count) throws IOException {
    putFreeBlocks(Math.max(0, freeBlocks() + count));
  }

  void addFreeInodes(long count) throws IOException {
    put32(FREE_INODES, Math.max(0, u32(FREE_INODES) + count));
  }

  /// Sets a feature bit that comes into use, if it is not set yet.
  ///
  /// @param word [#COMPAT] or [#RO_COMPAT]
  void addFeature(int word, int bit, String name) throws IOException {
    if ((s32(word) & bit) != 0) {
      return;
    }
    if (u32(REVISION) == 0) {
      throw new UnsupportedFeatureException(
          "ext2 file system: revision 0 of the format cannot have " + name);
    }
    put32(word, s32(word) | bit);
  }

  /// Computes the checksum, before the block is written.
  void seal() throws IOException {
    if (geometry.features().metadataChecksums()) {
      byte[] block = edit();
      LittleEndian.put32(block, at + CHECKSUM, Crc32c.update(-1, block, at, CHECKSUM));
    }
  }
}
