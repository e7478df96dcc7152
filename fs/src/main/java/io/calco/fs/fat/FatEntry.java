package io.calco.fs.fat;

import io.calco.fs.FileType;

/// A file as its directory knows it.
///
/// @param name the long name, or the short one as it is shown
/// @param shortName the 11 characters in its slot
/// @param attributes read only 0x01, directory 0x10, archive 0x20 …
/// @param firstCluster of its chain, 0 for none
/// @param size bytes; 0 for a directory
/// @param modified as [DosTime] packs it
/// @param directory first cluster of the directory it is in, 0 for the fixed root
/// @param firstSlot where its long name begins in the directory, or [#slot]
/// @param slot its own
/// @param inode a number that no other file has: where its slot lies on the disk
record FatEntry(
    String name,
    String shortName,
    int attributes,
    int firstCluster,
    long size,
    int modified,
    int directory,
    int firstSlot,
    int slot,
    long inode) {

  static final int READ_ONLY = 0x01;
  static final int LABEL = 0x08;
  static final int DIRECTORY = 0x10;
  static final int ARCHIVE = 0x20;

  private static final int ROOT_INODE = 1;

  /// The root directory, which stands in none.
  static FatEntry root(int cluster) {
    return new FatEntry("", "", DIRECTORY, cluster, 0, 0, -1, -1, -1, ROOT_INODE);
  }

  boolean isRoot() {
    return slot < 0;
  }

  boolean isDirectory() {
    return (attributes & DIRECTORY) != 0;
  }

  FileType type() {
    return isDirectory() ? FileType.DIRECTORY : FileType.REGULAR;
  }

  boolean isSame(FatEntry other) {
    return directory == other.directory && slot == other.slot;
  }
}
