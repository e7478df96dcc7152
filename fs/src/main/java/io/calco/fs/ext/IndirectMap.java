package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// A block map of ext2 and ext3: twelve blocks, then one, two and three levels of blocks of
/// pointers.
final class IndirectMap implements BlockMap {
  private static final int DIRECT = 12;
  private static final int LEVELS = 3;

  private final Volume volume;
  private final Inode inode;
  private final int pointerBits;

  IndirectMap(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
    this.pointerBits = volume.geometry.blockBits() - 2;
  }

  private long pointer(byte[] bytes, int at, long where) throws CorruptImageException {
    long block = LittleEndian.u32(bytes, at);
    if (block >= volume.geometry.blocksCount()) {
      throw CorruptImageException.at(
          "ext file system",
          "inode " + inode.number() + " block pointer",
          where,
          "block " + block,
          "a block below " + volume.geometry.blocksCount());
    }
    return block;
  }

  private long root(int index) throws CorruptImageException {
    int at = Inode.BLOCK_MAP + 4 * index;
    return pointer(inode.raw(), at, at);
  }

  private long pointerIn(long block, long index) throws IOException {
    byte[] bytes = volume.blocks.read(block, Blocks.Check.NONE);
    int at = (int) index * 4;
    return pointer(bytes, at, volume.geometry.byteOffset(block) + at);
  }

  /// The first logical block that needs `level` levels of indirection: level 0 is direct.
  private long firstOf(int level) {
    long first = level == 0 ? 0 : DIRECT;
    for (int below = 1; below < level; below++) {
      first += 1L << (pointerBits * below);
    }
    return first;
  }

  /// One past the last logical block that can be mapped.
  private long end() {
    return firstOf(LEVELS + 1);
  }

  @Override
  public Run at(long logical) throws IOException {
    if (logical >= end()) {
      return new Run(logical, 0, Long.MAX_VALUE - logical, true);
    }
    if (logical < DIRECT) {
      return direct(logical);
    }
    int level = LEVELS;
    while (firstOf(level) > logical) {
      level--;
    }
    long block = root(DIRECT + level - 1);
    long index = logical - firstOf(level);
    long span = 1L << (pointerBits * level);
    for (int below = level - 1; ; below--) {
      if (block == 0) {
        return new Run(logical, 0, span - (index & (span - 1)), true);
      }
      span = 1L << (pointerBits * below);
      if (below == 0) {
        return runIn(block, logical, index & ((1L << pointerBits) - 1));
      }
      block = pointerIn(block, (index >> (pointerBits * below)) & ((1L << pointerBits) - 1));
    }
  }

  private Run direct(long logical) throws IOException {
    long physical = root((int) logical);
    long length = 1;
    while (logical + length < DIRECT
        && root((int) (logical + length)) == (physical == 0 ? 0 : physical + length)) {
      length++;
    }
    return new Run(logical, physical, length, true);
  }

  private Run runIn(long block, long logical, long index) throws IOException {
    long physical = pointerIn(block, index);
    byte[] bytes = volume.blocks.read(block, Blocks.Check.NONE);
    int length = 1;
    while (index + length < 1L << pointerBits) {
      long next = LittleEndian.u32(bytes, (int) (index + length) * 4);
      boolean continues = next == (physical == 0 ? 0 : physical + length);
      if (!continues || next >= volume.geometry.blocksCount()) {
        break;
      }
      length++;
    }
    return new Run(logical, physical, length, true);
  }

  @Override
  public void append(Run run) throws IOException {
    if (run.end() > end() || run.physical() + run.length() > 1L << 32) {
      throw new LimitExceededException(
          "ext file system: inode %d: block %d at %d is beyond what block pointers can map"
              .formatted(inode.number(), run.end() - 1, run.physical()));
    }
    for (long i = 0; i < run.length(); i++) {
      map(run.logical() + i, run.physical() + i);
    }
    inode.addBlocks(volume.geometry, run.length());
  }

  private void map(long logical, long physical) throws IOException {
    if (logical < DIRECT) {
      LittleEndian.put32(inode.raw(), Inode.BLOCK_MAP + 4 * (int) logical, physical);
      return;
    }
    int level = LEVELS;
    while (firstOf(level) > logical) {
      level--;
    }
    long index = logical - firstOf(level);
    long block = root(DIRECT + level - 1);
    if (block == 0) {
      block = newPointers(physical);
      LittleEndian.put32(inode.raw(), Inode.BLOCK_MAP + 4 * (DIRECT + level - 1), block);
    }
    for (int below = level - 1; below > 0; below--) {
      int slot = (int) (index >> (pointerBits * below)) & ((1 << pointerBits) - 1);
      long child = pointerIn(block, slot);
      if (child == 0) {
        child = newPointers(physical);
        LittleEndian.put32(volume.blocks.edit(block, Blocks.Check.NONE), slot * 4, child);
      }
      block = child;
    }
    int slot = (int) index & ((1 << pointerBits) - 1);
    LittleEndian.put32(volume.blocks.edit(block, Blocks.Check.NONE), slot * 4, physical);
  }

  private long newPointers(long near) throws IOException {
    long block = volume.allocator.allocateBlock(near);
    if (block >= 1L << 32) {
      throw new LimitExceededException(
          "ext file system: block " + block + " is beyond what block pointers can map");
    }
    volume.blocks.create(block);
    inode.addBlocks(volume.geometry, 1);
    return block;
  }

  @Override
  public void truncate(long firstLogical) throws IOException {
    byte[] raw = inode.raw();
    for (int i = 0; i < DIRECT; i++) {
      long block = root(i);
      if (i >= firstLogical && block != 0) {
        release(block);
        LittleEndian.put32(raw, Inode.BLOCK_MAP + 4 * i, 0);
      }
    }
    for (int level = 1; level <= LEVELS; level++) {
      int slot = DIRECT + level - 1;
      long block = root(slot);
      if (block != 0 && truncate(block, level, firstOf(level), firstLogical)) {
        LittleEndian.put32(raw, Inode.BLOCK_MAP + 4 * slot, 0);
      }
    }
  }

  private void release(long block) throws IOException {
    volume.allocator.free(block, 1);
    inode.addBlocks(volume.geometry, -1);
  }

  /// Gives back what the pointers of `block` map from `firstLogical` on.
  ///
  /// @return true when nothing is left and the block itself was given back
  private boolean truncate(long block, int level, long logical, long firstLogical)
      throws IOException {
    long span = 1L << (pointerBits * (level - 1));
    if (logical + (span << pointerBits) <= firstLogical) {
      return false;
    }
    boolean empty = true;
    for (int slot = 0; slot < 1 << pointerBits; slot++) {
      long first = logical + slot * span;
      long child = pointerIn(block, slot);
      if (child == 0) {
        continue;
      }
      boolean gone = false;
      if (first + span > firstLogical) {
        if (level > 1) {
          gone = truncate(child, level - 1, first, firstLogical);
        } else {
          release(child);
          gone = true;
        }
      }
      if (gone && logical < firstLogical) {
        LittleEndian.put32(volume.blocks.edit(block, Blocks.Check.NONE), slot * 4, 0);
      }
      empty &= gone;
    }
    if (empty) {
      release(block);
    }
    return empty;
  }

  @Override
  public void relocate(Inode to, BlockMoves moves) throws IOException {
    byte[] raw = to.raw();
    relocatePointers(raw, Inode.BLOCK_MAP, DIRECT, Inode.BLOCK_MAP, moves);
    for (int level = 1; level <= LEVELS; level++) {
      int slot = DIRECT + level - 1;
      long block = root(slot);
      if (block != 0) {
        LittleEndian.put32(raw, Inode.BLOCK_MAP + 4 * slot, relocated(block, level, moves));
      }
    }
  }

  /// Moves what a block of pointers maps, and the block itself.
  ///
  /// @return where it is now
  private long relocated(long block, int level, BlockMoves moves) throws IOException {
    moves.countPointers();
    byte[] bytes = volume.blocks.read(block, Blocks.Check.NONE).clone();
    long where = volume.geometry.byteOffset(block);
    boolean changed = false;
    if (level == 1) {
      changed = relocatePointers(bytes, 0, 1 << pointerBits, where, moves);
    } else {
      for (int at = 0; at < bytes.length; at += 4) {
        long child = pointer(bytes, at, where + at);
        if (child != 0) {
          long now = relocated(child, level - 1, moves);
          changed |= now != child;
          LittleEndian.put32(bytes, at, now);
        }
      }
    }
    boolean outside = moves.isOutside(block);
    if (!outside && !changed) {
      return block;
    }
    long now = outside ? moves.newBlock(block) : block;
    System.arraycopy(bytes, 0, volume.blocks.create(now), 0, bytes.length);
    return now;
  }

  /// Moves what pointers in a row map; true when something was outside.
  private boolean relocatePointers(byte[] bytes, int from, int count, long where, BlockMoves moves)
      throws IOException {
    boolean changed = false;
    for (int i = 0; i < count; ) {
      long first = pointer(bytes, from + 4 * i, where + 4L * i);
      int length = 1;
      if (first != 0 && moves.isOutside(first)) {
        while (i + length < count
            && pointer(bytes, from + 4 * (i + length), where + 4L * (i + length))
                == first + length) {
          length++;
        }
        for (Run part : moves.place(new Run(i, first, length, true), first)) {
          for (int k = 0; k < part.length(); k++) {
            LittleEndian.put32(bytes, from + 4 * ((int) part.logical() + k), part.physical() + k);
          }
        }
        changed = true;
      }
      i += length;
    }
    return changed;
  }
}
