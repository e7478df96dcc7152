package io.calco.fs.btrfs;

/// A tree of files.
///
/// @param id its number
/// @param tree its items
/// @param directory the number of its root directory
record SubvolumeTree(long id, Tree tree, long directory) {}
