package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Rearranged;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Brings blocks that lie behind the end of what is to be left into free ones before it. Content is
/// not copied: the disk is told where it lies.
final class BlockMoves {
  private final Volume volume;
  private final Rearranged disk;
  private final long end;
  private final Map<Long, Long> shared = new HashMap<>();
  private long pointerBlocks;

  /// @param volume whose allocator keeps below `end`
  /// @param disk the one that the volume is on
  BlockMoves(Volume volume, Rearranged disk, long end) {
    this.volume = volume;
    this.disk = disk;
    this.end = end;
  }

  boolean isOutside(long block) {
    return block >= end;
  }

  /// Where a run's blocks lie from now on: what is outside was moved.
  ///
  /// @param goal where they best lie
  /// @throws NoSpaceException when no block is free
  List<Run> place(Run run, long goal) throws IOException {
    long inside = Math.clamp(end - run.physical(), 0, run.length());
    if (inside == run.length()) {
      return List.of(run);
    }
    List<Run> parts = new ArrayList<>();
    if (inside > 0) {
      parts.add(new Run(run.logical(), run.physical(), inside, run.written()));
    }
    long near = inside > 0 ? end - 1 : goal;
    for (long done = inside; done < run.length(); ) {
      Run free = volume.allocator.allocate(near, run.length() - done);
      move(run.physical() + done, free);
      parts.add(new Run(run.logical() + done, free.physical(), free.length(), run.written()));
      done += free.length();
      near = free.physical() + free.length();
    }
    return parts;
  }

  /// Moves neighbouring blocks together.
  ///
  /// @param goal where they best lie
  /// @return the first one's new place
  /// @throws NoSpaceException when so many do not lie together
  long placeTogether(long block, long length, long goal) throws IOException {
    Run free = volume.allocator.allocate(goal, length);
    if (free.length() < length) {
      throw new NoSpaceException(
          "ext file system: %d free blocks do not lie together".formatted(length));
    }
    move(block, free);
    return free.physical();
  }

  private void move(long from, Run to) {
    disk.move(from, to.physical(), to.length());
    volume.blocks.moved(from, to.physical(), to.length());
  }

  /// Takes a free block instead of one that is outside, to be filled by the caller.
  long newBlock(long old) throws IOException {
    long now = volume.allocator.allocateBlock(old);
    shared.put(old, now);
    return now;
  }

  /// What [#newBlock] gave for a block.
  OptionalLong find(long old) {
    Long now = shared.get(old);
    return now == null ? OptionalLong.empty() : OptionalLong.of(now);
  }

  /// Counts a block of pointers that is gone through.
  ///
  /// @throws CorruptImageException when there are more than the file system has blocks: some are
  ///   gone through again and again
  void countPointers() throws CorruptImageException {
    pointerBlocks++;
    if (pointerBlocks > volume.geometry.blocksCount()) {
      throw new CorruptImageException(
          "ext file system: blocks of pointers point to one another in a circle");
    }
  }
}
