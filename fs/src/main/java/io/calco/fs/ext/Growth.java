package io.calco.fs.ext;

import io.calco.disk.LimitExceededException;
import io.calco.disk.ZeroMode;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Grows a file system, not mounted, to the size of its disk.
///
/// The last group is filled up, and groups are added, each with its own bitmaps and inode table.
/// Their descriptors go into the blocks that mke2fs reserved after the present ones; when these do
/// not suffice, into the new groups themselves (`meta_bg`), as the kernel does. All of it is one
/// transaction: the superblock that makes the new groups count is written with them.
final class Growth {
  /// Blocks that a last, short group must have besides its own metadata, as for resize2fs.
  private static final int LEAST_USABLE = 50;

  private static final int GROUP_NUMBER = 0x5A;
  private static final int RESERVED_BLOCKS = 0x08;
  private static final int RESERVED_BLOCKS_HIGH = 0x154;
  private static final int OVERHEAD = 0x248;

  private final Volume old;
  private final Geometry was;

  /// @param old the file system, with nothing changed that is not committed
  Growth(Volume old) {
    this.old = old;
    this.was = old.geometry;
  }

  /// Prepares the growth in memory.
  ///
  /// @return the transaction that brings it about; empty when there is no room to grow into
  Optional<Transaction> prepare() throws IOException {
    long blocks = targetBlocks();
    if (blocks <= was.blocksCount()) {
      return Optional.empty();
    }
    byte[] sb = superblockFor(blocks);
    Volume grown = Volume.of(old.blocks.disk(), sb, java.util.Map.of());
    Transaction transaction = new Transaction(grown, Journal.open(old));
    byte[] block = grown.superblock.edit();
    System.arraycopy(sb, 0, block, grown.superblock.offset(), sb.length);
    addDescriptors(grown);
    fillLastGroup(grown);
    for (long group = was.groupCount(); group < grown.geometry.groupCount(); group++) {
      initialise(grown, group);
    }
    if (was.features().hasCompat(Features.COMPAT_RESIZE_INODE)) {
      renewResizeInode(grown);
    }
    putBackups(grown);
    return Optional.of(transaction);
  }

  /// The number of blocks to grow to: the disk's, within the format's limits and without a last
  /// group too short to be of use.
  private long targetBlocks() throws IOException {
    long blocks = old.blocks.disk().size() >> was.blockBits();
    boolean wide = was.features().hasIncompat(Features.INCOMPAT_64BIT);
    blocks = Math.min(blocks, wide ? 1L << 48 : 0xFFFFFFFFL);
    long mostGroups = 0xFFFFFFFFL / was.inodesPerGroup();
    blocks = Math.min(blocks, was.firstDataBlock() + mostGroups * was.blocksPerGroup());
    Geometry grown = geometryFor(blocks);
    long last = grown.groupCount() - 1;
    long needed = grown.headBlocks(last) + 2 + grown.inodeTableBlocks() + LEAST_USABLE;
    if (last >= was.groupCount() && grown.blocksIn(last) < needed) {
      blocks = grown.firstBlock(last);
    }
    return blocks;
  }

  private Geometry geometryFor(long blocks) throws IOException {
    return Geometry.parse(superblockFor(blocks), Long.MAX_VALUE);
  }

  /// The superblock of the file system with `blocks` blocks; its counts of what is free are still
  /// the old ones.
  private byte[] superblockFor(long blocks) throws IOException {
    byte[] sb = old.superblock.bytes(0, Geometry.SUPERBLOCK_SIZE);
    Geometry plain = was.withBlocks(blocks);
    LittleEndian.put32(sb, 4, blocks);
    LittleEndian.put32(sb, 0, plain.inodesCount());
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
    long more = plain.descriptorBlocks() - was.descriptorBlocks();
    if (more > 0 && !was.metaGroups()) {
      if (more <= was.reservedGdtBlocks()) {
        LittleEndian.put16(sb, 0xCE, was.reservedGdtBlocks() - (int) more);
      } else {
        useMetaGroups(sb);
      }
    }
    if (was.features().metadataChecksums()) {
      LittleEndian.put32(sb, 0x3FC, Crc32c.update(-1, sb, 0, 0x3FC));
    }
    return sb;
  }

  private void useMetaGroups(byte[] sb) {
    LittleEndian.put32(
        sb, Superblock.INCOMPAT, was.features().incompat() | Features.INCOMPAT_META_BG);
    LittleEndian.put32(
        sb, Superblock.COMPAT, was.features().compat() & ~Features.COMPAT_RESIZE_INODE);
    LittleEndian.put32(sb, 0x104, was.descriptorBlocks() + was.reservedGdtBlocks());
    LittleEndian.put16(sb, 0xCE, 0);
  }

  /// Fills descriptor blocks with the new groups' descriptors.
  private void addDescriptors(Volume grown) throws IOException {
    Geometry is = grown.geometry;
    long firstNew = was.groupCount();
    if (firstNew == is.groupCount()) {
      return;
    }
    for (long index = firstNew / is.descriptorsPerBlock(); index < is.descriptorBlocks(); index++) {
      byte[] content = grown.blocks.create(is.descriptorBlock(index));
      if (index < was.descriptorBlocks()) {
        old.groups.freeBlocks(index * was.descriptorsPerBlock()); // verifies the block
        byte[] before = old.blocks.read(was.descriptorBlock(index), Blocks.Check.NONE);
        System.arraycopy(before, 0, content, 0, before.length);
      }
      long end = Math.min((index + 1) * is.descriptorsPerBlock(), is.groupCount());
      for (long group = Math.max(firstNew, index * is.descriptorsPerBlock());
          group < end;
          group++) {
        int at = (int) (group % is.descriptorsPerBlock()) * is.descriptorSize();
        putDescriptor(is, content, at, group);
      }
    }
  }

  private static void putDescriptor(Geometry is, byte[] content, int at, long group) {
    Arrays.fill(content, at, at + is.descriptorSize(), (byte) 0);
    long bitmap = is.firstBlock(group) + is.headBlocks(group);
    long[] places = {bitmap, bitmap + 1, bitmap + 2};
    for (int i = 0; i < places.length; i++) {
      LittleEndian.put32(content, at + 4 * i, places[i]);
      if (is.descriptorSize() >= 64) {
        LittleEndian.put32(content, at + 0x20 + 4 * i, places[i] >>> 32);
      }
    }
    if (is.features().descriptorChecksums()) {
      boolean last = group == is.groupCount() - 1;
      int flags = Groups.FLAG_INODE_UNINIT | Groups.FLAG_INODE_ZEROED;
      LittleEndian.put16(content, at + 0x12, last ? flags : flags | Groups.FLAG_BLOCK_UNINIT);
    }
  }

  /// Frees the blocks that the last group gains.
  private void fillLastGroup(Volume grown) throws IOException {
    long last = was.groupCount() - 1;
    int before = was.blocksIn(last);
    int after = grown.geometry.blocksIn(last);
    if (after > before) {
      if (!grown.groups.blocksUninitialised(last)) {
        Bits.clear(grown.groups.editBlockBitmap(last), before, after);
      }
      grown.groups.addFreeBlocks(last, after - before);
      grown.superblock.addFreeBlocks(after - before);
    }
  }

  /// Gives a new group its counts, its bitmaps where they must be written, and a zeroed inode
  /// table.
  private static void initialise(Volume grown, long group) throws IOException {
    Geometry is = grown.geometry;
    long used = is.headBlocks(group) + 2 + is.inodeTableBlocks();
    int free = is.blocksIn(group) - (int) used;
    grown.groups.addFreeBlocks(group, free);
    grown.groups.addFreeInodes(group, is.inodesPerGroup());
    grown.superblock.addFreeBlocks(free);
    grown.superblock.addFreeInodes(is.inodesPerGroup());
    if (is.features().descriptorChecksums()) {
      grown.groups.putUnusedInodes(group, is.inodesPerGroup());
    }
    grown.groups.writeInitialBitmaps(group);
    grown
        .blocks
        .disk()
        .writeZeroes(
            is.byteOffset(grown.groups.inodeTableBlock(group)),
            is.byteOffset(is.inodeTableBlocks()),
            ZeroMode.MAY_UNMAP);
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

  /// Makes the resize inode hold exactly the descriptor blocks still reserved, and their copies; or
  /// wipes it when the file system now has meta groups.
  private void renewResizeInode(Volume grown) throws IOException {
    Geometry is = grown.geometry;
    Inode inode = grown.inodes.read(Inode.RESIZE);
    int doubleAt = Inode.BLOCK_MAP + 4 * 13;
    long doubleBlock = LittleEndian.u32(inode.raw(), doubleAt);
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
  private static void putBackups(Volume grown) throws IOException {
    Geometry is = grown.geometry;
    grown.groups.seal();
    grown.superblock.seal();
    for (long group : backupGroups(is)) {
      byte[] sb = grown.superblock.bytes(0, Geometry.SUPERBLOCK_SIZE);
      LittleEndian.put16(sb, GROUP_NUMBER, (int) group);
      if (is.features().metadataChecksums()) {
        LittleEndian.put32(sb, 0x3FC, Crc32c.update(-1, sb, 0, 0x3FC));
      }
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
