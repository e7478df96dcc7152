package io.calco.fs.squashfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// The superblock, checked; table offsets are in bytes from the start.
///
/// @param compression how blocks are packed
/// @param blockBytes bytes of a whole block of content
/// @param fragments entries of the fragment table
/// @param ids entries of the table of owners
/// @param rootInode where the root directory's inode lies
/// @param bytesUsed bytes of the file system
/// @param idTable where the pointers to it lie, as of all but the inodes and directories
/// @param attributeTable -1 when there is none
/// @param inodeTable first byte
/// @param directoryTable first byte
/// @param fragmentTable -1 when there is none
record Superblock(
    Compression compression,
    int blockBytes,
    long fragments,
    int ids,
    long rootInode,
    long bytesUsed,
    long idTable,
    long attributeTable,
    long inodeTable,
    long directoryTable,
    long fragmentTable) {

  static final int BYTES = 96;

  private static final int MAGIC = 0x73717368;
  private static final int BLOCK_MIN = 4096; // the specification's
  private static final int BLOCK_MAX = 1 << 20;

  static boolean probe(Disk disk) throws IOException {
    return disk.size() >= BYTES && LittleEndian.s32(disk.readBytes(0, 4), 0) == MAGIC;
  }

  static Superblock load(Disk disk) throws IOException {
    if (!probe(disk)) {
      throw new CorruptImageException("squashfs: it has no superblock");
    }
    byte[] sb = disk.readBytes(0, BYTES);
    int major = LittleEndian.u16(sb, 28);
    int minor = LittleEndian.u16(sb, 30);
    if (major != 4 || minor != 0) {
      throw new UnsupportedFeatureException(
          "squashfs: version %d.%d; only 4.0 is read".formatted(major, minor));
    }
    int block = LittleEndian.s32(sb, 12);
    boolean isBlock = block >= BLOCK_MIN && block <= BLOCK_MAX && Integer.bitCount(block) == 1;
    if (!isBlock || 1L << LittleEndian.u16(sb, 22) != block) {
      throw CorruptImageException.at("squashfs", "block size", 12, block, "4096 to 1048576");
    }
    long used = LittleEndian.s64(sb, 40);
    if (used < BYTES || used > disk.size()) {
      throw CorruptImageException.at(
          "squashfs", "bytes used", 40, used, "at most the disk's " + disk.size());
    }
    return new Superblock(
        Compression.of(LittleEndian.u16(sb, 20)),
        block,
        LittleEndian.u32(sb, 16),
        LittleEndian.u16(sb, 26),
        LittleEndian.s64(sb, 32),
        used,
        offset(sb, 48, "table of owners", used),
        optionalOffset(sb, 56, "table of attributes", used),
        offset(sb, 64, "table of inodes", used),
        offset(sb, 72, "table of directories", used),
        optionalOffset(sb, 80, "table of fragments", used));
  }

  private static long optionalOffset(byte[] sb, int at, String what, long used) throws IOException {
    return LittleEndian.s64(sb, at) == -1 ? -1 : offset(sb, at, what, used);
  }

  private static long offset(byte[] sb, int at, String what, long used) throws IOException {
    long offset = LittleEndian.s64(sb, at);
    if (offset < BYTES || offset > used) {
      throw CorruptImageException.at(
          "squashfs", what, at, "0x%x".formatted(offset), "one below 0x%x".formatted(used));
    }
    return offset;
  }
}
