package io.calco.fs.ext;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What must be the same all over a file system that gets another size: its superblock and its
/// descriptors, their copies, and the inode that holds the blocks reserved for them.
final class SuperblockCopies {
  private static final int GROUP_NUMBER = 0x5A;
  private static final int RESERVED_BLOCKS = 0x08;
  private static final int RESERVED_BLOCKS_HIGH = 0x154;
  private static final int OVERHEAD = 0x248;

  /// The pointer of two levels.
  private static final int RESERVED_LIST = Inode.BLOCK_MAP + 4 * 13;

  private SuperblockCopies() {}

  /// The superblock of the file system with `blocks` blocks; its counts of what is free are still
  /// the old ones, and so is its checksum.
  static byte[] withBlocks(Volume old, long blocks) throws IOException {
    Geometry was = old.geometry;
    byte[] sb = old.superblock.bytes(0, Geometry.SUPERBLOCK_SIZE);
    LittleEndian.put32(sb, 4, blocks);
    LittleEndian.put32(sb, 0, was.withBlocks(blocks).inodesCount());
    long reserved = LittleEndian.u32(sb, RESERVED_BLOCKS);
    if (was.features().hasIncompat(Features.INCOMPAT_64BIT)) {
      LittleEndian.put32(sb, 0x150, blocks >>> 32);
      reserved |= LittleEndian.u32(sb, RESERVED_BLOCKS_HIGH) << 32;
    }
    double share = Math.min(0.5, (double) reserved / was.blocksCount());
    reserved = Math.round(share * blocks);
    LittleEndian.put32(sb, RESERVED_BLOCKS, reserved);
    if (was.features().hasIncompat(Features.INCOMPAT_64BIT)) {
      LittleEndian.put32(sb, RESERVED_BLOCKS_HIGH, reserved >>> 32);
    }
    LittleEndian.put32(sb, OVERHEAD, 0);
    return sb;
  }

  /// Makes a superblock's checksum right, where it has one.
  static void seal(byte[] sb, Features features) {
    if (features.metadataChecksums()) {
      LittleEndian.put32(sb, 0x3FC, Crc32c.update(-1, sb, 0, 0x3FC));
    }
  }

  private static List<Long> backupGroups(Geometry geometry) {
    List<Long> groups = new ArrayList<>();
    for (long group = 1; group < geometry.groupCount(); group++) {
      if (geometry.hasSuperblock(group)) {
        groups.add(group);
      }
    }
    return groups;
  }

  /// The block in which the resize inode lists the reserved ones; 0 when it has none.
  static long reservedList(Inode resize) {
    return LittleEndian.u32(resize.raw(), RESERVED_LIST);
  }

  static void putReservedList(Inode resize, long block) {
    LittleEndian.put32(resize.raw(), RESERVED_LIST, block);
  }

  /// Makes the resize inode hold exactly the descriptor blocks still reserved, and their copies; or
  /// wipes it when the file system now has meta groups.
  static void renewResizeInode(Volume grown) throws IOException {
    Geometry is = grown.geometry;
    Inode inode = grown.inodes.read(Inode.RESIZE);
    long doubleBlock = reservedList(inode);
    if (!is.features().hasCompat(Features.COMPAT_RESIZE_INODE)) {
      if (doubleBlock != 0) {
        grown.allocator.free(doubleBlock, 1);
      }
      grown.inodes.write(new Inode(Inode.RESIZE, new byte[is.inodeSize()]));
      return;
    }
    if (doubleBlock == 0) {
      return;
    }
    List<Long> backups = backupGroups(is);
    int pointers = is.blockSize() / 4;
    if (backups.size() > pointers) {
      throw new LimitExceededException(
          "ext file system: %d copies of the superblock, the resize inode holds at most %d"
              .formatted(backups.size(), pointers));
    }
    byte[] doubles = grown.blocks.create(doubleBlock);
    for (int i = 0; i < is.reservedGdtBlocks(); i++) {
      long index = is.descriptorBlocks() + i;
      long block = is.descriptorBlock(0) + index;
      LittleEndian.put32(doubles, (int) (index % pointers) * 4, block);
      byte[] copies = grown.blocks.create(block);
      for (int k = 0; k < backups.size(); k++) {
        LittleEndian.put32(copies, 4 * k, block + backups.get(k) * is.blocksPerGroup());
      }
    }
    long count = 1 + (long) is.reservedGdtBlocks() * (1 + backups.size());
    inode.addBlocks(is, count - (inode.allocatedSize(is) >> is.blockBits()));
    grown.inodes.write(inode);
  }

  /// Writes all copies of the superblock and the descriptors.
  static void write(Volume grown) throws IOException {
    Geometry is = grown.geometry;
    grown.groups.seal();
    grown.superblock.seal();
    for (long group : backupGroups(is)) {
      byte[] sb = grown.superblock.bytes(0, Geometry.SUPERBLOCK_SIZE);
      LittleEndian.put16(sb, GROUP_NUMBER, (int) group);
      seal(sb, is.features());
      System.arraycopy(sb, 0, grown.blocks.create(is.firstBlock(group)), 0, sb.length);
      boolean inMeta = is.metaGroups() && group / is.descriptorsPerBlock() >= is.firstMetaGroup();
      for (long index = 0; !inMeta && index < is.tableDescriptorBlocks(); index++) {
        copyDescriptors(grown, index, is.firstBlock(group) + 1 + index);
      }
    }
    for (long index = is.tableDescriptorBlocks(); index < is.descriptorBlocks(); index++) {
      for (long copy = 1; copy <= 2; copy++) {
        long group =
            index * is.descriptorsPerBlock() + (copy == 2 ? is.descriptorsPerBlock() - 1 : 1);
        if (group < is.groupCount()) {
          copyDescriptors(grown, index, is.descriptorBlock(index, copy));
        }
      }
    }
  }

  private static void copyDescriptors(Volume grown, long index, long to) throws IOException {
    grown.groups.freeBlocks(index * grown.geometry.descriptorsPerBlock());
    byte[] from =
        grown.blocks.read(grown.geometry.descriptorBlock(index), Blocks.Check.NONE).clone();
    System.arraycopy(from, 0, grown.blocks.create(to), 0, from.length);
  }
}
