package io.calco.fs.exfat;

import io.calco.fs.FileType;
import java.time.Instant;

/// A file as its directory knows it.
///
/// @param name its name
/// @param attributes read only 0x01, directory 0x10 …
/// @param stream its clusters
/// @param validLength bytes that were written; the rest reads as zeroes
/// @param modified when its content last changed
/// @param inode a number that no other file has: where its entry lies on the disk
record ExfatEntry(
    String name,
    int attributes,
    Clusters.Stream stream,
    long validLength,
    Instant modified,
    long inode) {

  private static final int READ_ONLY = 0x01;
  private static final int DIRECTORY = 0x10;
  private static final int ROOT_INODE = 1;

  static ExfatEntry root(Clusters.Stream stream) {
    return new ExfatEntry("", DIRECTORY, stream, stream.length(), Instant.EPOCH, ROOT_INODE);
  }

  boolean isDirectory() {
    return (attributes & DIRECTORY) != 0;
  }

  /// As Linux shows them unless told otherwise.
  int permissions() {
    return !isDirectory() && (attributes & READ_ONLY) != 0 ? 0555 : 0755;
  }

  FileType type() {
    return isDirectory() ? FileType.DIRECTORY : FileType.REGULAR;
  }
}
