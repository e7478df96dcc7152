package io.calco.sys;

/// What the host knows of an open file. A value; says how things stood when it was asked.
///
/// @param kind what sort of file it is
/// @param allocatedSize host blocks that the file takes, in bytes; its size where that is unknown
/// @param device the file system's number; with `inode` it tells files apart, 0 when unknown
/// @param inode the file's number in its file system, 0 when unknown
public record FileStatus(Kind kind, long allocatedSize, long device, long inode) {

  /// Sorts of files.
  public enum Kind {
    /// A plain file.
    REGULAR,
    /// A disk, a partition, a logical volume of this host.
    BLOCK_DEVICE,
    /// A directory.
    DIRECTORY,
    /// A pipe, a socket, a terminal …
    OTHER
  }

  /// True when both are the same file, under whatever names.
  public boolean sameFile(FileStatus other) {
    return inode != 0 && inode == other.inode && device == other.device;
  }
}
