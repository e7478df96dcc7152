package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Takes blocks from the block bitmaps and gives them back.
///
/// Blocks freed since the last commit are not taken again before the next: until then a crash
/// brings back the file that they belong to.
final class BlockAllocator {
  /// Groups looked at for a long run before a shorter one will do; ours.
  private static final int SEARCH = 64;

  private record Freed(long group, int from, int to) {}

  private final Geometry geometry;
  private final Blocks blocks;
  private final Groups groups;
  private final Superblock superblock;
  private final Map<Long, byte[]> freedSinceCommit = new HashMap<>();
  private final List<Freed> freedInOperation = new ArrayList<>();
  private long end;

  BlockAllocator(Geometry geometry, Blocks blocks, Groups groups, Superblock superblock) {
    this.geometry = geometry;
    this.blocks = blocks;
    this.groups = groups;
    this.superblock = superblock;
    this.end = geometry.blocksCount();
  }

  /// From now on takes no block at or after `block`.
  void keepBelow(long block) {
    end = block;
  }

  /// Takes neighbouring free blocks.
  ///
  /// @param goal where they best lie
  /// @param most blocks wanted, at least 1
  /// @return the run, with logical block 0; shorter than wanted when there is no such run
  /// @throws NoSpaceException when no block is free
  Run allocate(long goal, long most) throws IOException {
    long groupCount = geometry.groupOf(end - 1) + 1;
    long start = goal < geometry.firstDataBlock() ? 0 : geometry.groupOf(goal) % groupCount;
    int want = (int) Math.min(most, geometry.blocksPerGroup());
    Run best = null;
    int found = 0;
    for (long i = 0; i < groupCount && (best == null || found < SEARCH); i++) {
      long group = (start + i) % groupCount;
      if (groups.freeBlocks(group) == 0) {
        continue;
      }
      int from =
          i == 0 && goal >= geometry.firstBlock(group) && geometry.groupOf(goal) == group
              ? (int) (goal - geometry.firstBlock(group))
              : 0;
      Run run = longestIn(group, from, want);
      if (run != null) {
        found++;
        if (best == null || run.length() > best.length()) {
          best = run;
        }
        if (best.length() == want) {
          break;
        }
      }
    }
    if (best == null) {
      throw new NoSpaceException(
          geometry.features().typeName() + " file system: no free block is left");
    }
    take(best);
    return best;
  }

  /// The first free run of `want` blocks at or after `from`, else before it; else the longest.
  private @org.jspecify.annotations.Nullable Run longestIn(long group, int from, int want)
      throws IOException {
    byte[] bits = groups.blockBitmap(group);
    byte[] freed = freedSinceCommit.get(group);
    if (freed != null) {
      bits = bits.clone();
      for (int i = 0; i < bits.length; i++) {
        bits[i] |= freed[i];
      }
    }
    int end = (int) Math.min(geometry.blocksIn(group), this.end - geometry.firstBlock(group));
    int bestAt = 0;
    int bestLength = 0;
    int at = Math.min(from, end);
    boolean wrapped = at == 0;
    while (true) {
      int free = Bits.nextClear(bits, at, end);
      if (free >= end) {
        if (wrapped) {
          break;
        }
        wrapped = true;
        at = 0;
        continue;
      }
      int used = Bits.nextSet(bits, free, Math.min(end, free + want));
      if (used - free > bestLength) {
        bestAt = free;
        bestLength = used - free;
        if (bestLength == want) {
          break;
        }
      }
      at = used;
    }
    return bestLength == 0
        ? null
        : new Run(0, geometry.firstBlock(group) + bestAt, bestLength, true);
  }

  private void take(Run run) throws IOException {
    long group = geometry.groupOf(run.physical());
    int from = (int) (run.physical() - geometry.firstBlock(group));
    int length = (int) run.length();
    Bits.set(groups.editBlockBitmap(group), from, from + length);
    groups.addFreeBlocks(group, -length);
    superblock.addFreeBlocks(-length);
  }

  /// Takes one block.
  long allocateBlock(long goal) throws IOException {
    return allocate(goal, 1).physical();
  }

  /// Gives blocks back.
  ///
  /// @throws CorruptImageException when one of them is not in use or not in the file system
  void free(long block, long length) throws IOException {
    if (block <= geometry.firstDataBlock()
        || length < 1
        || block > geometry.blocksCount() - length) {
      throw CorruptImageException.at(
          "ext file system",
          "block map",
          geometry.byteOffset(block),
          length + " blocks at " + block,
          "blocks below " + geometry.blocksCount());
    }
    long at = block;
    long end = block + length;
    while (at < end) {
      long group = geometry.groupOf(at);
      long part = Math.min(end, geometry.firstBlock(group) + geometry.blocksIn(group)) - at;
      freeInGroup(group, (int) (at - geometry.firstBlock(group)), (int) part);
      at += part;
    }
    blocks.forget(block, length);
  }

  private void freeInGroup(long group, int from, int length) throws IOException {
    byte[] bits = groups.editBlockBitmap(group);
    int clear = Bits.nextClear(bits, from, from + length);
    if (clear < from + length) {
      long block = geometry.firstBlock(group) + clear;
      throw CorruptImageException.at(
          "ext file system",
          "group " + group + " block bitmap",
          geometry.byteOffset(groups.blockBitmapBlock(group)) + (clear >> 3),
          "block " + block + " marked free but used by a file",
          "marked in use");
    }
    Bits.clear(bits, from, from + length);
    groups.addFreeBlocks(group, length);
    superblock.addFreeBlocks(length);
    byte[] freed = freedSinceCommit.computeIfAbsent(group, g -> new byte[geometry.blockSize()]);
    Bits.set(freed, from, from + length);
    freedInOperation.add(new Freed(group, from, from + length));
  }

  /// True when committing would make blocks free that cannot be taken now.
  boolean hasFreed() {
    return !freedSinceCommit.isEmpty();
  }

  void begin() {
    freedInOperation.clear();
  }

  void rollback() {
    for (Freed freed : freedInOperation) {
      byte[] bits = freedSinceCommit.get(freed.group());
      if (bits != null) {
        Bits.clear(bits, freed.from(), freed.to());
      }
    }
    freedInOperation.clear();
  }

  /// What was freed is free from now on.
  void committed() {
    freedSinceCommit.clear();
    freedInOperation.clear();
  }
}
