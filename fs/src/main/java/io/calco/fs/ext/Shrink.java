package io.calco.fs.ext;

import io.calco.disk.Disk;
import io.calco.disk.Rearranged;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileSystem;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// Shows a file system as it would be on fewer blocks. The disk that it is on stays as it is: what
/// changes of the metadata is kept in memory, and of content only where it lies, so that a crash
/// cannot leave anything half done.
///
/// In this order: the journal is replayed and orphans are finished; bitmaps and inode tables behind
/// the new end are moved; inodes of the groups that go get new numbers; then, inode by inode, the
/// blocks behind the end are moved, block maps and directories are written with the new numbers; at
/// last the superblock, the descriptors and their copies. e2fsck finds nothing afterwards.
///
/// Nothing here looks at a clock: the same file system becomes the same bytes again.
final class Shrink {
  private static final int BAD_BLOCKS = 1;

  private final Disk front;
  private final Volume volume;
  private final Geometry was;
  private final Geometry is;
  private final InodeNumbers numbers;
  private final BlockMoves moves;

  /// @param disk with a file system that was opened for writing, and closed
  private Shrink(Rearranged disk, Disk front, Volume volume, long blocks) throws IOException {
    this.front = front;
    this.volume = volume;
    this.was = volume.geometry;
    this.is = Geometry.parse(superblockFor(volume, blocks), Long.MAX_VALUE);
    this.numbers = new InodeNumbers(is.inodesCount());
    this.moves = new BlockMoves(volume, disk, is.blocksCount());
  }

  /// The file system on `disk`, on at most `size` bytes.
  ///
  /// @return of the size that it has then, for reading; lives no longer than `disk`, and leaves it
  ///   open
  /// @throws NoSpaceException when what is in it does not fit
  /// @throws UnsupportedFeatureException when it cannot be shrunk
  static Disk to(Disk disk, long size) throws IOException {
    Volume found = Volume.load(disk);
    Rearranged changed =
        new Rearranged(
            disk.slice(0, found.geometry.byteOffset(found.geometry.blocksCount())),
            found.geometry.blockBits());
    Disk front = Disk.owning(changed);
    try (FileSystem opened = ExtFileSystemType.openThrowAway(front)) {
      opened.sync();
    }
    Volume volume = Volume.load(front);
    requireShrinkable(volume);
    long blocks = blocksFor(volume, size >> volume.geometry.blockBits());
    if (blocks < volume.geometry.blocksCount()) {
      new Shrink(changed, front, volume, blocks).run();
    }
    return front.slice(0, volume.geometry.byteOffset(blocks)).readOnly();
  }

  private static void requireShrinkable(Volume volume) throws IOException {
    Features features = volume.geometry.features();
    String name = null;
    if (features.hasIncompat(Features.INCOMPAT_META_BG)) {
      name = "meta_bg";
    } else if (features.hasCompat(Features.COMPAT_SPARSE_SUPER2)) {
      name = "sparse_super2";
    } else if (features.hasCompat(Features.COMPAT_STABLE_INODES)) {
      name = "stable_inodes";
    } else if (volume.inodes.readAny(BAD_BLOCKS).allocatedSize(volume.geometry) > 0) {
      name = "a list of bad blocks";
    }
    if (name != null) {
      throw new UnsupportedFeatureException(
          "%s file system: with %s it cannot be shrunk".formatted(features.typeName(), name));
    }
  }

  /// At most so many blocks, and no last group that is too short for its own metadata.
  private static long blocksFor(Volume volume, long most) throws IOException {
    Geometry was = volume.geometry;
    if (most >= was.blocksCount()) {
      return was.blocksCount();
    }
    if (most <= was.firstDataBlock()) {
      throw new NoSpaceException("ext file system: no group fits in " + most + " blocks");
    }
    Geometry is = was.withBlocks(most);
    long last = is.groupCount() - 1;
    boolean tooShort = is.blocksIn(last) < was.leastBlocksIn(last);
    if (!tooShort && !was.features().hasIncompat(Features.INCOMPAT_FLEX_BG)) {
      // Without flex_bg a group's metadata must lie in it, and files may have all the rest.
      tooShort =
          volume.groups.blockBitmapBlock(last) >= most
              || volume.groups.inodeBitmapBlock(last) >= most
              || volume.groups.inodeTableBlock(last) + was.inodeTableBlocks() > most;
    }
    if (tooShort && last == 0) {
      throw new NoSpaceException("ext file system: no group fits in " + most + " blocks");
    }
    return tooShort ? is.firstBlock(last) : most;
  }

  /// As [SuperblockCopies#withBlocks]; descriptor blocks that are not needed any more are reserved,
  /// as far as the inode for that can hold them.
  private static byte[] superblockFor(Volume volume, long blocks) throws IOException {
    Geometry was = volume.geometry;
    byte[] sb = SuperblockCopies.withBlocks(volume, blocks);
    if (was.features().hasCompat(Features.COMPAT_RESIZE_INODE) && reservesBlocks(volume)) {
      long less = was.descriptorBlocks() - was.withBlocks(blocks).descriptorBlocks();
      LittleEndian.put16(
          sb, 0xCE, (int) Math.min(was.reservedGdtBlocks() + less, was.blockSize() / 4));
    }
    SuperblockCopies.seal(sb, was.features());
    return sb;
  }

  private static boolean reservesBlocks(Volume volume) throws IOException {
    return SuperblockCopies.reservedList(volume.inodes.readAny(Inode.RESIZE)) != 0;
  }

  private void run() throws IOException {
    volume.allocator.keepBelow(is.blocksCount());
    moveGroupMetadata();
    renumber();
    releaseGroupMetadata();
    commit(volume);
    for (long group = 0; group < is.groupCount(); group++) {
      relocateInodes(group);
      if (volume.blocks.changed().size() > 1 << 12) {
        commit(volume);
      }
    }
    putInodeNumbers();
    commit(volume);
    finish();
  }

  /// Brings everything to the view; its checksums become right.
  private static void commit(Volume volume) throws IOException {
    new Transaction(volume, Optional.empty()).commit();
  }

  /// Moves the bitmaps and inode tables of groups that stay.
  private void moveGroupMetadata() throws IOException {
    for (long group = 0; group < is.groupCount(); group++) {
      long blockBitmap = volume.groups.blockBitmapBlock(group);
      long inodeBitmap = volume.groups.inodeBitmapBlock(group);
      long table = volume.groups.inodeTableBlock(group);
      long goal = is.firstBlock(group);
      if (moves.isOutside(blockBitmap)) {
        volume.groups.putBlockBitmapBlock(group, moves.placeTogether(blockBitmap, 1, goal));
      }
      if (moves.isOutside(inodeBitmap)) {
        volume.groups.putInodeBitmapBlock(group, moves.placeTogether(inodeBitmap, 1, goal));
      }
      int length = was.inodeTableBlocks();
      if (moves.isOutside(table + length - 1)) {
        // The whole table moves, and what it had before the end is free.
        long now = moves.placeTogether(table, length, goal);
        volume.groups.putInodeTableBlock(group, now);
        release(table, length);
      }
    }
    commit(volume);
  }

  /// Gives back what lies before the end.
  private void release(long block, long length) throws IOException {
    long inside = Math.clamp(is.blocksCount() - block, 0, length);
    if (inside > 0) {
      volume.allocator.free(block, inside);
    }
  }

  /// Gives the inodes of groups that go new numbers; their content is not looked at yet.
  private void renumber() throws IOException {
    for (long group = is.groupCount(); group < was.groupCount(); group++) {
      byte[] bits = volume.groups.inodeBitmap(group);
      int end = inodesIn(group);
      for (int at = Bits.nextSet(bits, 0, end); at < end; at = Bits.nextSet(bits, at + 1, end)) {
        long old = group * was.inodesPerGroup() + at + 1;
        Inode inode = volume.inodes.read(old);
        long now = volume.inodeAllocator.take(is.groupCount(), group, inode.isDirectory());
        numbers.put(old, now);
        volume.inodes.write(new Inode(now, inode.raw()));
      }
    }
  }

  /// Inodes of a group's table that may be in use.
  private int inodesIn(long group) throws IOException {
    if (!was.features().descriptorChecksums()) {
      return was.inodesPerGroup();
    }
    return volume.groups.inodesUninitialised(group)
        ? 0
        : was.inodesPerGroup() - volume.groups.unusedInodes(group);
  }

  /// Gives back the metadata of groups that go, and descriptor blocks that are neither needed nor
  /// reserved.
  private void releaseGroupMetadata() throws IOException {
    for (long group = is.groupCount(); group < was.groupCount(); group++) {
      release(volume.groups.blockBitmapBlock(group), 1);
      release(volume.groups.inodeBitmapBlock(group), 1);
      release(volume.groups.inodeTableBlock(group), was.inodeTableBlocks());
    }
    for (long group = 0; group < is.groupCount(); group++) {
      long less = was.headBlocks(group) - is.headBlocks(group);
      if (less > 0) {
        release(is.firstBlock(group) + is.headBlocks(group), less);
      }
    }
  }

  private void relocateInodes(long group) throws IOException {
    byte[] bits = volume.groups.inodeBitmap(group).clone();
    int end = inodesIn(group);
    for (int at = Bits.nextSet(bits, 0, end); at < end; at = Bits.nextSet(bits, at + 1, end)) {
      long number = group * was.inodesPerGroup() + at + 1;
      if (number == Inode.RESIZE) {
        relocateResizeInode();
      } else if (number >= was.firstInode() || volume.inodes.readAny(number).mode() != 0) {
        relocate(number);
      }
    }
  }

  private void relocate(long number) throws IOException {
    Inode inode = volume.inodes.read(number);
    byte[] before = inode.raw().clone();
    Inode old = new Inode(numbers.was(number), before.clone());
    if (inode.mayHaveBlocks()) {
      BlockMap.of(volume, old).relocate(inode, moves);
    }
    new ExtendedAttributes(volume, inode).relocate(moves);
    if (inode.isDirectory()) {
      new Directory(volume, inode).renumber(old, numbers);
    }
    boolean changed = !Arrays.equals(before, inode.raw());
    if (changed) {
      volume.inodes.write(inode);
    }
    boolean orphans =
        was.features().hasCompat(Features.COMPAT_ORPHAN_FILE)
            && old.number() == volume.superblock.u32(Superblock.ORPHAN_FILE_INODE);
    if (orphans && (changed || old.number() != number)) {
      new Orphans(volume).reseal(inode);
    }
    boolean journal =
        was.features().hasCompat(Features.COMPAT_HAS_JOURNAL)
            && old.number() == volume.superblock.u32(Superblock.JOURNAL_INODE);
    if (journal && volume.superblock.u8(Superblock.JOURNAL_BACKUP_TYPE) == 1) {
      putJournalBackup(inode);
    }
  }

  /// The superblock's own copy of where the journal lies.
  private void putJournalBackup(Inode journal) throws IOException {
    byte[] block = volume.superblock.edit();
    int at = volume.superblock.offset() + Superblock.JOURNAL_BACKUP;
    System.arraycopy(journal.raw(), Inode.BLOCK_MAP, block, at, Inode.BLOCK_MAP_SIZE);
    LittleEndian.put32(block, at + Inode.BLOCK_MAP_SIZE, journal.size() >>> 32);
    LittleEndian.put32(block, at + Inode.BLOCK_MAP_SIZE + 4, journal.size());
  }

  /// Of the resize inode only its one block of pointers can lie outside; what it points to is
  /// written anew at the end.
  private void relocateResizeInode() throws IOException {
    Inode inode = volume.inodes.readAny(Inode.RESIZE);
    long list = SuperblockCopies.reservedList(inode);
    if (list != 0 && moves.isOutside(list)) {
      SuperblockCopies.putReservedList(inode, moves.newBlock(list));
      volume.inodes.write(inode);
    }
  }

  /// The superblock's references to inodes.
  private void putInodeNumbers() throws IOException {
    int[] fields = {Superblock.JOURNAL_INODE, Superblock.LOST_AND_FOUND};
    for (int field : fields) {
      putInodeNumber(field);
    }
    if (was.features().hasCompat(Features.COMPAT_ORPHAN_FILE)) {
      putInodeNumber(Superblock.ORPHAN_FILE_INODE);
    }
  }

  private void putInodeNumber(int field) throws IOException {
    long number = volume.superblock.u32(field);
    if (number > is.inodesCount()) {
      volume.superblock.put32(field, numbers.now(number));
    }
  }

  /// Makes the file system end where it shall.
  private void finish() throws IOException {
    byte[] sb = superblockFor(volume, is.blocksCount());
    Volume shrunk = Volume.of(front, sb, java.util.Map.of());
    System.arraycopy(sb, 0, shrunk.superblock.edit(), shrunk.superblock.offset(), sb.length);
    endDescriptors(shrunk);
    endLastGroup(shrunk);
    long freeBlocks = 0;
    long freeInodes = 0;
    for (long group = 0; group < is.groupCount(); group++) {
      freeBlocks += shrunk.groups.freeBlocks(group);
      freeInodes += shrunk.groups.freeInodes(group);
    }
    shrunk.superblock.putFreeBlocks(freeBlocks);
    shrunk.superblock.put32(Superblock.FREE_INODES, freeInodes);
    if (is.features().hasCompat(Features.COMPAT_RESIZE_INODE) && reservesBlocks(shrunk)) {
      SuperblockCopies.renewResizeInode(shrunk);
    }
    SuperblockCopies.write(shrunk);
    commit(shrunk);
  }

  /// Wipes the descriptors of groups that are no more from the last block of descriptors.
  private static void endDescriptors(Volume shrunk) throws IOException {
    Geometry is = shrunk.geometry;
    shrunk.groups.freeBlocks(is.groupCount() - 1); // verifies the block
    int used = (int) ((is.groupCount() - 1) % is.descriptorsPerBlock()) + 1;
    byte[] block =
        shrunk.blocks.edit(is.descriptorBlock(is.descriptorBlocks() - 1), Blocks.Check.NONE);
    Arrays.fill(block, used * is.descriptorSize(), block.length, (byte) 0);
  }

  /// Marks what the last group has lost as in use, as the format has it, and counts what is free.
  private static void endLastGroup(Volume shrunk) throws IOException {
    Geometry is = shrunk.geometry;
    long last = is.groupCount() - 1;
    byte[] bits = shrunk.groups.editBlockBitmap(last);
    int end = is.blocksIn(last);
    Bits.set(bits, end, bits.length * 8);
    int free = 0;
    for (int at = 0; at < end; at++) {
      free += Bits.get(bits, at) ? 0 : 1;
    }
    shrunk.groups.addFreeBlocks(last, free - shrunk.groups.freeBlocks(last));
  }
}
