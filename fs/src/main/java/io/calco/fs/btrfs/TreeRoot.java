package io.calco.fs.btrfs;

/// Where a tree begins.
///
/// @param logical its root block's logical address in bytes
/// @param level the root's height over the leaves
/// @param generation the transaction that wrote the root
record TreeRoot(long logical, int level, long generation) {}
