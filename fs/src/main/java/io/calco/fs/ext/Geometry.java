package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;

/// Where everything lies in a file system: what its superblock fixes, checked.
///
/// @param features the feature words
/// @param blockBits log2 of the block size, 10–16
/// @param blocksCount blocks in the file system, at least one group's first
/// @param firstDataBlock the block where group 0 begins: 1 with 1 KiB blocks, else 0
/// @param clusterBits log2 of the blocks in a cluster, the unit of the block bitmap; 0 but for
///   bigalloc
/// @param blocksPerGroup blocks in a group
/// @param inodesPerGroup inodes in a group
/// @param inodeSize bytes of an inode
/// @param firstInode the first that is not reserved
/// @param descriptorSize bytes of a group descriptor
/// @param reservedGdtBlocks blocks after each copy of the descriptors, kept for growth
/// @param firstMetaGroup the first meta block group
/// @param backupGroup1 a group with a backup superblock, with sparse_super2; else 0
/// @param backupGroup2 another, or 0
record Geometry(
    Features features,
    int blockBits,
    long blocksCount,
    int firstDataBlock,
    int clusterBits,
    int blocksPerGroup,
    int inodesPerGroup,
    int inodeSize,
    int firstInode,
    int descriptorSize,
    int reservedGdtBlocks,
    long firstMetaGroup,
    long backupGroup1,
    long backupGroup2) {
  static final int SUPERBLOCK_OFFSET = 1024;
  static final int SUPERBLOCK_SIZE = 1024;
  static final int MAGIC = 0xEF53;
  private static final int LEAST_USABLE = 50;

  /// Reads and checks the superblock's fixed numbers.
  ///
  /// @param sb the superblock's 1,024 bytes
  /// @param diskSize bytes that the file system may take
  static Geometry parse(byte[] sb, long diskSize) throws DiskException {
    check(LittleEndian.u16(sb, 0x38) == MAGIC, 0x38, LittleEndian.u16(sb, 0x38), "magic 61267");
    boolean dynamic = LittleEndian.u32(sb, 0x4C) != 0;
    Features features =
        dynamic
            ? new Features(
                LittleEndian.s32(sb, 0x5C), LittleEndian.s32(sb, 0x60), LittleEndian.s32(sb, 0x64))
            : new Features(0, 0, 0);
    features.requireReadable();
    if (features.metadataChecksums()) {
      check(sb[0x175] == 1, 0x175, sb[0x175], "checksum type 1 (crc32c)");
      int sum = Crc32c.update(-1, sb, 0, 0x3FC);
      check(LittleEndian.s32(sb, 0x3FC) == sum, 0x3FC, hex(sb, 0x3FC), "checksum " + hex(sum));
    }
    long logBlock = LittleEndian.u32(sb, 0x18);
    check(logBlock <= 6, 0x18, logBlock, "at most 6 (64 KiB blocks)");
    int blockBits = 10 + (int) logBlock;
    boolean wide = features.hasIncompat(Features.INCOMPAT_64BIT);
    Geometry g =
        new Geometry(
            features,
            blockBits,
            LittleEndian.u32(sb, 4) | (wide ? LittleEndian.u32(sb, 0x150) << 32 : 0),
            bounded(sb, 0x14, 0, blockBits == 10 ? 1 : 0),
            clusterBits(sb, features, logBlock),
            bounded(sb, 0x20, 8, 1 << 30),
            bounded(sb, 0x28, 1, 8 << blockBits),
            dynamic ? LittleEndian.u16(sb, 0x58) : 128,
            dynamic ? bounded(sb, 0x54, 11, Integer.MAX_VALUE) : 11,
            wide ? LittleEndian.u16(sb, 0xFE) : 32,
            features.hasCompat(Features.COMPAT_RESIZE_INODE) ? LittleEndian.u16(sb, 0xCE) : 0,
            features.hasIncompat(Features.INCOMPAT_META_BG) ? LittleEndian.u32(sb, 0x104) : 0,
            LittleEndian.u32(sb, 0x24C),
            LittleEndian.u32(sb, 0x250));
    g.checkNumbers(sb, diskSize);
    return g;
  }

  private static int clusterBits(byte[] sb, Features features, long logBlock)
      throws CorruptImageException {
    if (!features.hasRoCompat(Features.RO_COMPAT_BIGALLOC)) {
      return 0;
    }
    long logCluster = LittleEndian.u32(sb, 0x1C);
    check(logCluster >= logBlock && logCluster <= 19, 0x1C, logCluster, logBlock + " to 19");
    return (int) (logCluster - logBlock);
  }

  private void checkNumbers(byte[] sb, long diskSize) throws CorruptImageException {
    check(
        blocksCount > firstDataBlock && blocksCount <= diskSize >> blockBits,
        4,
        blocksCount + " blocks",
        "at most " + (diskSize >> blockBits) + ", the disk's");
    check(
        blocksPerGroup % 8 == 0 && blocksPerGroup >> clusterBits <= 8 << blockBits,
        0x20,
        blocksPerGroup + " blocks per group",
        "a multiple of 8, at most one bitmap block's");
    check(
        inodeSize >= 128 && inodeSize <= blockSize() && Integer.bitCount(inodeSize) == 1,
        0x58,
        inodeSize,
        "an inode size from 128 to the block size");
    check(
        descriptorSize >= 32 && descriptorSize <= 1024 && Integer.bitCount(descriptorSize) == 1,
        0xFE,
        descriptorSize,
        "a descriptor size from 32 to 1024");
    check(
        groupCount() * inodesPerGroup == LittleEndian.u32(sb, 0),
        0,
        LittleEndian.u32(sb, 0) + " inodes",
        groupCount() + " groups of " + inodesPerGroup);
    check(reservedGdtBlocks <= blockSize() / 4, 0xCE, reservedGdtBlocks, "at most a block of them");
    check(firstMetaGroup <= descriptorBlocks(), 0x104, firstMetaGroup, "a descriptor block");
  }

  private static void check(boolean holds, int field, Object found, Object expected)
      throws CorruptImageException {
    if (!holds) {
      throw CorruptImageException.at(
          "ext file system", "superblock", SUPERBLOCK_OFFSET + (long) field, found, expected);
    }
  }

  private static int bounded(byte[] sb, int field, int least, int most)
      throws CorruptImageException {
    long value = LittleEndian.u32(sb, field);
    check(value >= least && value <= most, field, value, least + " to " + most);
    return (int) value;
  }

  private static String hex(byte[] sb, int field) {
    return hex(LittleEndian.s32(sb, field));
  }

  private static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }

  int blockSize() {
    return 1 << blockBits;
  }

  long byteOffset(long block) {
    return block << blockBits;
  }

  long groupCount() {
    return (blocksCount - firstDataBlock + blocksPerGroup - 1) / blocksPerGroup;
  }

  long inodesCount() {
    return groupCount() * inodesPerGroup;
  }

  long groupOf(long block) {
    return (block - firstDataBlock) / blocksPerGroup;
  }

  long firstBlock(long group) {
    return firstDataBlock + group * blocksPerGroup;
  }

  /// Blocks in the group: fewer in the last.
  int blocksIn(long group) {
    return (int) Math.min(blocksPerGroup, blocksCount - firstBlock(group));
  }

  int clustersPerGroup() {
    return blocksPerGroup >> clusterBits;
  }

  /// Bits in use in the group's block bitmap.
  int clustersIn(long group) {
    return (blocksIn(group) + (1 << clusterBits) - 1) >> clusterBits;
  }

  int inodesPerBlock() {
    return blockSize() / inodeSize;
  }

  int inodeTableBlocks() {
    return (inodesPerGroup + inodesPerBlock() - 1) / inodesPerBlock();
  }

  int descriptorsPerBlock() {
    return blockSize() / descriptorSize;
  }

  /// Blocks that all group descriptors take.
  long descriptorBlocks() {
    return (groupCount() + descriptorsPerBlock() - 1) / descriptorsPerBlock();
  }

  boolean metaGroups() {
    return features.hasIncompat(Features.INCOMPAT_META_BG);
  }

  /// Descriptor blocks that lie together after each superblock: all of them without meta_bg.
  long tableDescriptorBlocks() {
    return metaGroups() ? Math.min(firstMetaGroup, descriptorBlocks()) : descriptorBlocks();
  }

  /// The block that holds the superblock itself.
  long superblockBlock() {
    return blockBits == 10 ? 1 : 0;
  }

  /// True when a copy of the superblock lies at the group's start.
  boolean hasSuperblock(long group) {
    if (group == 0) {
      return true;
    }
    if (features.hasCompat(Features.COMPAT_SPARSE_SUPER2)) {
      return group == backupGroup1 || group == backupGroup2;
    }
    if (group == 1 || !features.hasRoCompat(Features.RO_COMPAT_SPARSE_SUPER)) {
      return true;
    }
    return (group & 1) == 1 && (isPower(group, 3) || isPower(group, 5) || isPower(group, 7));
  }

  private static boolean isPower(long number, long base) {
    long power = base;
    while (power < number) {
      power *= base;
    }
    return power == number;
  }

  /// Descriptor blocks of a meta group that the group holds: 0 or 1.
  int metaDescriptorBlocks(long group) {
    long meta = group / descriptorsPerBlock();
    if (!metaGroups() || meta < firstMetaGroup) {
      return 0;
    }
    long index = group % descriptorsPerBlock();
    return index == 0 || index == 1 || index == descriptorsPerBlock() - 1 ? 1 : 0;
  }

  /// Blocks at the group's start that hold a superblock, descriptors and space reserved for them.
  long headBlocks(long group) {
    long blocks = hasSuperblock(group) ? 1 : 0;
    if (metaGroups() && group / descriptorsPerBlock() >= firstMetaGroup) {
      return blocks + metaDescriptorBlocks(group);
    }
    return blocks == 0 ? 0 : 1 + tableDescriptorBlocks() + reservedGdtBlocks;
  }

  /// Blocks that the group needs to be of use, when it is the last: those of its own metadata, and
  /// as many more as resize2fs wants.
  long leastBlocksIn(long group) {
    return headBlocks(group) + 2 + inodeTableBlocks() + LEAST_USABLE;
  }

  /// Where the first copy of a descriptor block lies.
  long descriptorBlock(long index) {
    return descriptorBlock(index, 0);
  }

  /// Where a descriptor block of the copy in group `copyGroup` lies; in a meta group, which has its
  /// own copies, `copyGroup` is the copy's number, 0–2.
  long descriptorBlock(long index, long copyGroup) {
    if (!metaGroups() || index < firstMetaGroup) {
      return firstBlock(copyGroup) + sbBlocks(copyGroup) + index;
    }
    long first = index * descriptorsPerBlock();
    long group = copyGroup == 2 ? first + descriptorsPerBlock() - 1 : first + copyGroup;
    return firstBlock(group) + sbBlocks(group);
  }

  private int sbBlocks(long group) {
    if (group == 0 && blockBits == 10 && firstDataBlock == 0) {
      return 2; // bigalloc with 1 KiB blocks: the boot block comes first
    }
    return hasSuperblock(group) ? 1 : 0;
  }

  /// The same file system with another number of blocks.
  Geometry withBlocks(long blocks) {
    return new Geometry(
        features,
        blockBits,
        blocks,
        firstDataBlock,
        clusterBits,
        blocksPerGroup,
        inodesPerGroup,
        inodeSize,
        firstInode,
        descriptorSize,
        reservedGdtBlocks,
        firstMetaGroup,
        backupGroup1,
        backupGroup2);
  }
}
