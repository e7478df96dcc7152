package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.BigEndian;
import java.util.Arrays;

/// The sizes and places that the superblock gives, checked against each other and the disk.
///
/// Three numbers name a block: its `fsblock` as extents and roots store it (group number in the
/// high bits, block in the group in the low ones), its number within its group, and the linear
/// number, its place on the disk in blocks.
final class Geometry {
  static final int MAGIC = 0x58465342;

  /// Bytes of a superblock that mean something here.
  static final int SUPERBLOCK_SIZE = 512;

  final Features features;
  final int blockBits;
  final int sectorSize;
  final int inodeSize;
  final int inodeBits;
  final int inodesPerBlockBits;
  final int groupBlockBits;
  final int directoryBits;
  final long blocks;
  final long groupBlocks;
  final int groups;
  final long rootInode;
  final long logStart;
  final long logBlocks;
  final int logSectorSize;
  final int logStripe;
  final int inodeAlignment;
  final boolean realtime;
  private final byte[] uuid;
  private final byte[] metaUuid;

  private Geometry(byte[] sb, Features features) {
    this.features = features;
    this.blockBits = BigEndian.u8(sb, 120);
    this.sectorSize = BigEndian.u16(sb, 102);
    this.inodeSize = BigEndian.u16(sb, 104);
    this.inodeBits = BigEndian.u8(sb, 122);
    this.inodesPerBlockBits = BigEndian.u8(sb, 123);
    this.groupBlockBits = BigEndian.u8(sb, 124);
    this.directoryBits = blockBits + BigEndian.u8(sb, 192);
    this.blocks = BigEndian.s64(sb, 8);
    this.groupBlocks = BigEndian.u32(sb, 84);
    this.groups = BigEndian.s32(sb, 88);
    this.rootInode = BigEndian.s64(sb, 56);
    this.logStart = BigEndian.s64(sb, 48);
    this.logBlocks = BigEndian.u32(sb, 96);
    this.logSectorSize = Math.max(512, BigEndian.u16(sb, 194));
    this.logStripe = BigEndian.s32(sb, 196);
    this.inodeAlignment = BigEndian.s32(sb, 180);
    this.realtime = BigEndian.s64(sb, 16) != 0;
    this.uuid = Arrays.copyOfRange(sb, 32, 48);
    boolean own = features.v5() && features.hasIncompat(Features.IN_META_UUID);
    this.metaUuid = own ? Arrays.copyOfRange(sb, 248, 264) : uuid;
  }

  /// Reads a superblock.
  ///
  /// @param sb at least [#SUPERBLOCK_SIZE] bytes
  /// @param diskSize in bytes
  static Geometry parse(byte[] sb, long diskSize) throws java.io.IOException {
    if (BigEndian.s32(sb, 0) != MAGIC) {
      throw corrupt("magic", 0, Integer.toHexString(BigEndian.s32(sb, 0)), "XFSB");
    }
    Geometry geometry = new Geometry(sb, Features.parse(sb));
    geometry.check(sb, diskSize);
    return geometry;
  }

  private static CorruptImageException corrupt(
      String field, long offset, Object found, Object expected) {
    return CorruptImageException.at(
        "xfs file system", "superblock, " + field, offset, found, expected);
  }

  private void check(byte[] sb, long diskSize) throws CorruptImageException {
    require(blockBits >= 9 && blockBits <= 16, "block size", 120, blockBits);
    require(BigEndian.u32(sb, 4) == 1L << blockBits, "block size", 4, BigEndian.u32(sb, 4));
    boolean sectors = Integer.bitCount(sectorSize) == 1 && sectorSize >= 512;
    require(sectors && sectorSize <= 32768, "sector size", 102, sectorSize);
    require(sectorSize <= 1 << blockBits, "sector size", 102, sectorSize);
    require(inodeSize == 1 << inodeBits, "inode size", 104, inodeSize);
    int least = features.v5() ? 512 : 256;
    require(inodeSize >= least && inodeSize <= 2048, "inode size", 104, inodeSize);
    require(inodesPerBlockBits == blockBits - inodeBits, "inodes per block", 123, "another log");
    require(inodesPerBlockBits >= 0, "inodes per block", 123, inodesPerBlockBits);
    require(directoryBits <= 16, "directory block size", 192, directoryBits);
    require(groups > 0, "number of groups", 88, groups);
    require(groupBlocks >= 64 && groupBlocks <= 1L << 31, "group size", 84, groupBlocks);
    int bits = 64 - Long.numberOfLeadingZeros(groupBlocks - 1);
    require(groupBlockBits == bits, "log of the group size", 124, groupBlockBits);
    long least1 = (groups - 1) * groupBlocks;
    boolean whole = blocks > least1 && blocks <= groups * groupBlocks;
    require(whole, "number of blocks", 8, blocks);
    if (blocks > diskSize >> blockBits) {
      throw corrupt("number of blocks", 8, blocks, "at most " + (diskSize >> blockBits));
    }
    require(groups == 1 || blocks - least1 >= 64, "number of blocks", 8, blocks);
    if (logStart != 0) {
      require(
          logBlocks > 0 && logBlocks <= groupBlocks && holds(logStart, logBlocks),
          "place of the log",
          48,
          logStart);
    }
    require(logStripe >= 0 && logStripe <= 1 << 18, "log stripe", 196, logStripe);
    require(logSectorSize <= 32768, "log sector size", 194, logSectorSize);
    require(inodeAlignment >= 0, "inode alignment", 180, inodeAlignment);
  }

  private static void require(boolean right, String field, long offset, Object found)
      throws CorruptImageException {
    if (!right) {
      throw corrupt(field, offset, found, "one that fits the rest");
    }
  }

  int blockSize() {
    return 1 << blockBits;
  }

  /// Bytes in a directory's block.
  int directorySize() {
    return 1 << directoryBits;
  }

  /// File system blocks in a directory's block.
  int directoryBlocks() {
    return 1 << (directoryBits - blockBits);
  }

  /// Blocks in a group: the last may be shorter.
  long groupLength(int group) {
    return group == groups - 1 ? blocks - (long) group * groupBlocks : groupBlocks;
  }

  /// True when the run lies in one group.
  boolean holds(long fsblock, long length) {
    if (fsblock < 0 || fsblock >>> groupBlockBits >= groups || length < 1) {
      return false;
    }
    int group = group(fsblock);
    return length <= groupLength(group) && inGroup(fsblock) <= groupLength(group) - length;
  }

  int group(long fsblock) {
    return (int) (fsblock >>> groupBlockBits);
  }

  long inGroup(long fsblock) {
    return fsblock & ((1L << groupBlockBits) - 1);
  }

  /// The block's number on the disk.
  long linear(long fsblock) {
    return (long) group(fsblock) * groupBlocks + inGroup(fsblock);
  }

  /// The block's number on the disk.
  long linear(int group, long inGroup) {
    return (long) group * groupBlocks + inGroup;
  }

  long fsblock(int group, long inGroup) {
    return (long) group << groupBlockBits | inGroup;
  }

  /// The block in units of 512 bytes, as metadata names its own place.
  long basicBlock(long linear) {
    return linear << (blockBits - 9);
  }

  /// Bits of an inode number that count within its group.
  int inodeBitsInGroup() {
    return groupBlockBits + inodesPerBlockBits;
  }

  int groupOfInode(long inode) {
    return (int) (inode >>> inodeBitsInGroup());
  }

  /// The inode's number within its group.
  long inodeInGroup(long inode) {
    return inode & ((1L << inodeBitsInGroup()) - 1);
  }

  long inodeNumber(int group, long inGroup) {
    return (long) group << inodeBitsInGroup() | inGroup;
  }

  /// True when such an inode can lie in the file system.
  boolean holdsInode(long inode) {
    return inode > 0
        && inode >>> inodeBitsInGroup() < groups
        && inodeInGroup(inode) >>> inodesPerBlockBits < groupLength(groupOfInode(inode));
  }

  /// The UUID that people see.
  byte[] uuid() {
    return uuid.clone();
  }

  /// True when these bytes are the UUID that metadata carries.
  boolean isMetaUuid(byte[] bytes, int at) {
    return Arrays.equals(bytes, at, at + 16, metaUuid, 0, 16);
  }

  /// The UUID that metadata carries.
  byte[] metaUuid() {
    return metaUuid.clone();
  }
}
