package io.calco.fs.ext;

import io.calco.disk.ZeroMode;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// Grows a file system, not mounted, to the size of its disk.
///
/// The last group is filled up, and groups are added, each with its own bitmaps and inode table.
/// Their descriptors go into the blocks that mke2fs reserved after the present ones; when these do
/// not suffice, into the new groups themselves (`meta_bg`), as the kernel does. All of it is one
/// transaction: the superblock that makes the new groups count is written with them.
final class Growth {
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
      SuperblockCopies.renewResizeInode(grown);
    }
    SuperblockCopies.write(grown);
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
    if (last >= was.groupCount() && grown.blocksIn(last) < grown.leastBlocksIn(last)) {
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
    byte[] sb = SuperblockCopies.withBlocks(old, blocks);
    long more = was.withBlocks(blocks).descriptorBlocks() - was.descriptorBlocks();
    if (more > 0 && !was.metaGroups()) {
      if (more <= was.reservedGdtBlocks()) {
        LittleEndian.put16(sb, 0xCE, was.reservedGdtBlocks() - (int) more);
      } else {
        useMetaGroups(sb);
      }
    }
    SuperblockCopies.seal(sb, was.features());
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
}
