package io.calco.fs.ext;

import java.io.IOException;

/// Where a file's blocks lie. Changes are made in the inode's bytes in memory, and in blocks of
/// their own; the caller stores the inode.
sealed interface BlockMap permits ExtentMap, IndirectMap {

  /// Takes runs of a file.
  @FunctionalInterface
  interface RunVisitor {
    /// One run that is mapped, in ascending order.
    void accept(Run run) throws IOException;
  }

  /// The map of `inode`, whose kind must have one.
  static BlockMap of(Volume volume, Inode inode) {
    return inode.hasFlag(Inode.FLAG_EXTENTS)
        ? new ExtentMap(volume, inode)
        : new IndirectMap(volume, inode);
  }

  /// The run that covers block `logical`, beginning there: mapped, or a hole of at least one block.
  Run at(long logical) throws IOException;

  /// Visits all mapped runs from block `from` on, set aside or written; those at its edge may begin
  /// before it. Neighbours may come apart.
  void forEach(long from, RunVisitor visitor) throws IOException;

  /// Maps blocks after all that are mapped, counting them and those that the map itself takes.
  ///
  /// @param run its logical block lies after all mapped ones; its blocks are already taken
  void append(Run run) throws IOException;

  /// Gives back all blocks from `firstLogical` on and what the map no longer needs.
  void truncate(long firstLogical) throws IOException;
}
