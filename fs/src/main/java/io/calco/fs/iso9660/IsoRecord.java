package io.calco.fs.iso9660;

import io.calco.fs.FileType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A file as its directory tells of it.
///
/// @param name as it is shown
/// @param inode where its record lies, in bytes
/// @param mode type and permissions as in `st_mode`
/// @param links names that refer to it
/// @param uid owner
/// @param gid group
/// @param modified when its content last changed
/// @param parts where its content lies, one after the other
/// @param target where a link points
/// @param zisofs true when its content is packed, which is not read
record IsoRecord(
    String name,
    long inode,
    int mode,
    int links,
    int uid,
    int gid,
    Instant modified,
    List<Part> parts,
    Optional<String> target,
    boolean zisofs) {

  /// A run of a file's content.
  ///
  /// @param offset first byte in the volume
  /// @param length in bytes
  record Part(long offset, long length) {}

  IsoRecord {
    parts = List.copyOf(parts);
  }

  FileType type() {
    return switch (mode >>> 12) {
      case 8 -> FileType.REGULAR;
      case 4 -> FileType.DIRECTORY;
      case 10 -> FileType.SYMBOLIC_LINK;
      case 2 -> FileType.CHARACTER_DEVICE;
      case 6 -> FileType.BLOCK_DEVICE;
      case 1 -> FileType.FIFO;
      case 12 -> FileType.SOCKET;
      default -> FileType.UNKNOWN;
    };
  }

  boolean isDirectory() {
    return type() == FileType.DIRECTORY;
  }

  long size() {
    long size = 0;
    for (Part part : parts) {
      size += part.length();
    }
    return type() == FileType.SYMBOLIC_LINK ? target.orElse("").length() : size;
  }
}
