package io.calco.sys.fuse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A file, directory or link that is shown. Its content never changes. Names and links are bytes, a
/// letter each (ISO 8859-1). What throws an [IOException] fails with `EIO` for who asked.
///
/// Thread rule: safe for several threads at once.
public interface FuseNode {

  /// Kinds of nodes, with the bits that `st_mode` has for them.
  enum Kind {
    /// A regular file.
    FILE(0x8000),
    /// A directory.
    DIRECTORY(0x4000),
    /// A symbolic link.
    LINK(0xa000),
    /// A character device, which cannot be used.
    CHARACTER_DEVICE(0x2000),
    /// A block device, which cannot be used.
    BLOCK_DEVICE(0x6000),
    /// A named pipe.
    PIPE(0x1000),
    /// A socket.
    SOCKET(0xc000);

    private final int mode;

    Kind(int mode) {
      this.mode = mode;
    }

    int mode() {
      return mode;
    }
  }

  /// What `stat` tells.
  ///
  /// @param inode any number; files with the same one look like hard links
  /// @param kind its kind
  /// @param permissions the low 12 mode bits
  /// @param size in bytes
  /// @param allocated bytes of blocks that it takes
  /// @param links names that it has
  /// @param uid owner
  /// @param gid group
  /// @param modified when its content changed
  record Status(
      long inode,
      Kind kind,
      int permissions,
      long size,
      long allocated,
      int links,
      int uid,
      int gid,
      Instant modified) {}

  /// A name in a directory.
  ///
  /// @param name one path component
  /// @param inode as its status has it
  /// @param kind as its status has it
  record Entry(String name, long inode, Kind kind) {}

  /// What it is.
  Status status() throws IOException;

  /// What a directory holds under a name.
  default Optional<FuseNode> child(String name) throws IOException {
    return Optional.empty();
  }

  /// What a directory holds, without `.` and `..`, in any order that stays the same.
  default List<Entry> entries() throws IOException {
    return List.of();
  }

  /// Reads from a file.
  ///
  /// @param offset 0 or more
  /// @return bytes read; fewer than asked only at its end
  default int read(long offset, MemorySegment dst) throws IOException {
    return 0;
  }

  /// Where a link points.
  default String link() throws IOException {
    return "";
  }

  /// Extended attributes, by name with its namespace.
  default SequencedMap<String, byte[]> extendedAttributes() throws IOException {
    return new java.util.LinkedHashMap<>();
  }
}
