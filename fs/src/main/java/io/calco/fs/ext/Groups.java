package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.TreeSet;

/// The block groups: their descriptors and bitmaps, verified when they are read, their checksums
/// made right by [#seal] before they are written.
final class Groups {
  static final int FLAG_INODE_UNINIT = 1;
  static final int FLAG_BLOCK_UNINIT = 2;
  static final int FLAG_INODE_ZEROED = 4;

  private final Geometry geometry;
  private final Blocks blocks;
  private final Checksums checksums;
  private final TreeSet<Long> changedBlockBitmaps = new TreeSet<>();
  private final TreeSet<Long> changedInodeBitmaps = new TreeSet<>();
  private final TreeSet<Long> changedDescriptors = new TreeSet<>();

  Groups(Geometry geometry, Blocks blocks, Checksums checksums) {
    this.geometry = geometry;
    this.blocks = blocks;
    this.checksums = checksums;
  }

  private byte[] table(long group) throws IOException {
    long index = group / geometry.descriptorsPerBlock();
    return blocks.read(
        geometry.descriptorBlock(index), (block, content) -> checkTable(index, block, content));
  }

  private byte[] editTable(long group) throws IOException {
    table(group);
    changedDescriptors.add(group);
    return blocks.edit(
        geometry.descriptorBlock(group / geometry.descriptorsPerBlock()), Blocks.Check.NONE);
  }

  private int at(long group) {
    return (int) (group % geometry.descriptorsPerBlock()) * geometry.descriptorSize();
  }

  private void checkTable(long index, long block, byte[] content) throws CorruptImageException {
    if (!geometry.features().descriptorChecksums()) {
      return;
    }
    long first = index * geometry.descriptorsPerBlock();
    long end = Math.min(first + geometry.descriptorsPerBlock(), geometry.groupCount());
    for (long group = first; group < end; group++) {
      int found = LittleEndian.u16(content, at(group) + 0x1E);
      int sum = checksums.descriptor(group, content, at(group), geometry.descriptorSize());
      if (found != sum) {
        throw corrupt(group, "descriptor", geometry.byteOffset(block) + at(group), found, sum);
      }
    }
  }

  private static CorruptImageException corrupt(
      long group, String structure, long offset, int found, int expected) {
    return CorruptImageException.at(
        "ext file system",
        "group " + group + " " + structure,
        offset,
        "checksum 0x" + Integer.toHexString(found),
        "0x" + Integer.toHexString(expected));
  }

  private boolean wide() {
    return geometry.descriptorSize() >= 64;
  }

  private long blockNumber(long group, int low, int high, int length, String structure)
      throws IOException {
    byte[] table = table(group);
    long block = LittleEndian.u32(table, at(group) + low);
    if (wide()) {
      block |= LittleEndian.u32(table, at(group) + high) << 32;
    }
    if (block < geometry.firstDataBlock() || block > geometry.blocksCount() - length) {
      long index = group / geometry.descriptorsPerBlock();
      throw CorruptImageException.at(
          "ext file system",
          "group " + group + " " + structure,
          geometry.byteOffset(geometry.descriptorBlock(index)) + at(group) + low,
          "block " + block,
          "a block below " + geometry.blocksCount());
    }
    return block;
  }

  long blockBitmapBlock(long group) throws IOException {
    return blockNumber(group, 0, 0x20, 1, "block bitmap");
  }

  long inodeBitmapBlock(long group) throws IOException {
    return blockNumber(group, 4, 0x24, 1, "inode bitmap");
  }

  long inodeTableBlock(long group) throws IOException {
    return blockNumber(group, 8, 0x28, geometry.inodeTableBlocks(), "inode table");
  }

  private void putBlockNumber(long group, int low, int high, long block) throws IOException {
    byte[] table = editTable(group);
    LittleEndian.put32(table, at(group) + low, block);
    if (wide()) {
      LittleEndian.put32(table, at(group) + high, block >>> 32);
    }
  }

  void putBlockBitmapBlock(long group, long block) throws IOException {
    putBlockNumber(group, 0, 0x20, block);
  }

  void putInodeBitmapBlock(long group, long block) throws IOException {
    putBlockNumber(group, 4, 0x24, block);
  }

  void putInodeTableBlock(long group, long block) throws IOException {
    putBlockNumber(group, 8, 0x28, block);
  }

  private int count(long group, int low, int high) throws IOException {
    byte[] table = table(group);
    int count = LittleEndian.u16(table, at(group) + low);
    return wide() ? count | LittleEndian.u16(table, at(group) + high) << 16 : count;
  }

  private void putCount(long group, int low, int high, int count) throws IOException {
    byte[] table = editTable(group);
    LittleEndian.put16(table, at(group) + low, count);
    if (wide()) {
      LittleEndian.put16(table, at(group) + high, count >>> 16);
    }
  }

  int freeBlocks(long group) throws IOException {
    return count(group, 0x0C, 0x2C);
  }

  void addFreeBlocks(long group, int change) throws IOException {
    putCount(group, 0x0C, 0x2C, Math.max(0, freeBlocks(group) + change));
  }

  int freeInodes(long group) throws IOException {
    return count(group, 0x0E, 0x2E);
  }

  void addFreeInodes(long group, int change) throws IOException {
    putCount(group, 0x0E, 0x2E, Math.max(0, freeInodes(group) + change));
  }

  int directories(long group) throws IOException {
    return count(group, 0x10, 0x30);
  }

  void addDirectories(long group, int change) throws IOException {
    putCount(group, 0x10, 0x30, Math.max(0, directories(group) + change));
  }

  /// Inodes at the end of the group's table that were never used.
  int unusedInodes(long group) throws IOException {
    return Math.min(count(group, 0x1C, 0x32), geometry.inodesPerGroup());
  }

  void putUnusedInodes(long group, int count) throws IOException {
    putCount(group, 0x1C, 0x32, count);
  }

  private int flags(long group) throws IOException {
    return geometry.features().descriptorChecksums()
        ? LittleEndian.u16(table(group), at(group) + 0x12)
        : 0;
  }

  boolean blocksUninitialised(long group) throws IOException {
    return (flags(group) & FLAG_BLOCK_UNINIT) != 0;
  }

  boolean inodesUninitialised(long group) throws IOException {
    return (flags(group) & FLAG_INODE_UNINIT) != 0;
  }

  private void clearFlag(long group, int flag) throws IOException {
    int flags = flags(group);
    LittleEndian.put16(editTable(group), at(group) + 0x12, flags & ~flag);
  }

  /// The group's block bitmap, not to be changed: one bit a cluster, set when in use.
  byte[] blockBitmap(long group) throws IOException {
    if (blocksUninitialised(group)) {
      return initialBlockBitmap(group);
    }
    return blocks.read(
        blockBitmapBlock(group), (block, content) -> checkBlockBitmap(group, block, content));
  }

  private void checkBlockBitmap(long group, long block, byte[] content) throws IOException {
    int length = geometry.clustersPerGroup() / 8;
    checkBitmap(group, "block bitmap", block, content, length, 0x18, 0x38);
  }

  private void checkInodeBitmap(long group, long block, byte[] content) throws IOException {
    int length = geometry.inodesPerGroup() / 8;
    checkBitmap(group, "inode bitmap", block, content, length, 0x1A, 0x3A);
  }

  private void checkBitmap(
      long group, String structure, long block, byte[] content, int length, int low, int high)
      throws IOException {
    if (!checksums.metadata()) {
      return;
    }
    int sum = checksums.bitmap(content, length);
    int found = count(group, low, high);
    int expected = wide() ? sum : sum & 0xFFFF;
    if (found != expected) {
      throw corrupt(group, structure, geometry.byteOffset(block), found, expected);
    }
  }

  /// The block bitmap to be changed; written out first where the group had none yet.
  byte[] editBlockBitmap(long group) throws IOException {
    changedBlockBitmaps.add(group);
    if (blocksUninitialised(group)) {
      byte[] initial = initialBlockBitmap(group);
      byte[] content = blocks.create(blockBitmapBlock(group));
      System.arraycopy(initial, 0, content, 0, content.length);
      clearFlag(group, FLAG_BLOCK_UNINIT);
      return content;
    }
    blockBitmap(group);
    return blocks.edit(blockBitmapBlock(group), Blocks.Check.NONE);
  }

  /// The group's inode bitmap, not to be changed.
  byte[] inodeBitmap(long group) throws IOException {
    if (inodesUninitialised(group)) {
      return initialInodeBitmap();
    }
    return blocks.read(
        inodeBitmapBlock(group), (block, content) -> checkInodeBitmap(group, block, content));
  }

  /// The inode bitmap to be changed; written out first where the group had none yet.
  byte[] editInodeBitmap(long group) throws IOException {
    changedInodeBitmaps.add(group);
    if (inodesUninitialised(group)) {
      byte[] content = blocks.create(inodeBitmapBlock(group));
      System.arraycopy(initialInodeBitmap(), 0, content, 0, content.length);
      clearFlag(group, FLAG_INODE_UNINIT);
      return content;
    }
    inodeBitmap(group);
    return blocks.edit(inodeBitmapBlock(group), Blocks.Check.NONE);
  }

  /// Writes the bitmaps of a new group that has nothing but its own metadata, unless it is marked
  /// as having none.
  void writeInitialBitmaps(long group) throws IOException {
    if (!blocksUninitialised(group)) {
      byte[] initial = initialBlockBitmap(group);
      changedBlockBitmaps.add(group);
      byte[] bits = blocks.create(blockBitmapBlock(group));
      System.arraycopy(initial, 0, bits, 0, bits.length);
    }
    if (!inodesUninitialised(group)) {
      changedInodeBitmaps.add(group);
      byte[] bits = blocks.create(inodeBitmapBlock(group));
      System.arraycopy(initialInodeBitmap(), 0, bits, 0, bits.length);
    }
  }

  private byte[] initialInodeBitmap() {
    byte[] bits = new byte[geometry.blockSize()];
    Bits.set(bits, geometry.inodesPerGroup(), bits.length * 8);
    return bits;
  }

  /// What an uninitialised group's block bitmap stands for: its own metadata, and the bits after
  /// its end.
  private byte[] initialBlockBitmap(long group) throws IOException {
    byte[] bits = new byte[geometry.blockSize()];
    long first = geometry.firstBlock(group);
    markUsed(bits, group, first, geometry.headBlocks(group));
    markUsed(bits, group, blockBitmapBlock(group), 1);
    markUsed(bits, group, inodeBitmapBlock(group), 1);
    markUsed(bits, group, inodeTableBlock(group), geometry.inodeTableBlocks());
    Bits.set(bits, geometry.clustersIn(group), bits.length * 8);
    return bits;
  }

  private void markUsed(byte[] bits, long group, long block, long length) {
    long first = Math.max(block - geometry.firstBlock(group), 0);
    long end = Math.min(block - geometry.firstBlock(group) + length, geometry.blocksIn(group));
    if (first < end) {
      int clusterBits = geometry.clusterBits();
      Bits.set(bits, (int) (first >> clusterBits), (int) ((end - 1) >> clusterBits) + 1);
    }
  }

  /// Makes the checksums of all changed bitmaps and descriptors right.
  void seal() throws IOException {
    if (checksums.metadata()) {
      for (long group : changedBlockBitmaps) {
        if (!blocksUninitialised(group)) {
          sealBitmap(group, blockBitmap(group), geometry.clustersPerGroup() / 8, 0x18, 0x38);
        }
      }
      for (long group : changedInodeBitmaps) {
        if (!inodesUninitialised(group)) {
          sealBitmap(group, inodeBitmap(group), geometry.inodesPerGroup() / 8, 0x1A, 0x3A);
        }
      }
    }
    if (geometry.features().descriptorChecksums()) {
      for (long group : changedDescriptors) {
        byte[] table = editTable(group);
        int sum = checksums.descriptor(group, table, at(group), geometry.descriptorSize());
        LittleEndian.put16(table, at(group) + 0x1E, sum);
      }
    }
    changedBlockBitmaps.clear();
    changedInodeBitmaps.clear();
    changedDescriptors.clear();
  }

  private void sealBitmap(long group, byte[] bits, int length, int low, int high)
      throws IOException {
    putCount(group, low, high, checksums.bitmap(bits, length));
  }
}
