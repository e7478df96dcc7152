package io.calco.fs.ext;

import java.io.IOException;

/// Where a file's blocks lie. Changes are made in the inode's bytes in memory, and in blocks of
/// their own; the caller stores the inode.
sealed interface BlockMap permits ExtentMap, IndirectMap {

  /// The map of `inode`, whose kind must have one.
  static BlockMap of(Volume volume, Inode inode) {
    return inode.hasFlag(Inode.FLAG_EXTENTS)
        ? new ExtentMap(volume, inode)
        : new IndirectMap(volume, inode);
  }

  /// Blocks that a new file's map can map: what counts them has 48 bits at most.
  static long mostBlocks(Volume volume) {
    if (volume.incompat(Features.INCOMPAT_EXTENTS)) {
      return (1L << 32) - 1;
    }
    long pointers = volume.geometry.blockSize() / 4;
    long mapped = 12 + pointers + pointers * pointers + pointers * pointers * pointers;
    return Math.min(mapped, (1L << 41) >> volume.geometry.blockBits());
  }

  /// The run that covers block `logical`, beginning there: mapped, or a hole of at least one block.
  Run at(long logical) throws IOException;

  /// Maps blocks after all that are mapped, counting them and those that the map itself takes.
  ///
  /// @param run its logical block lies after all mapped ones; its blocks are already taken
  void append(Run run) throws IOException;

  /// Gives back all blocks from `firstLogical` on and what the map no longer needs.
  void truncate(long firstLogical) throws IOException;

  /// Moves what lies outside, blocks of the map's own too.
  ///
  /// @param to whose map it is from now on: the same inode, or one with the same bytes and another
  ///   number
  void relocate(Inode to, BlockMoves moves) throws IOException;
}
