package io.calco.fs.guestfish;

import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A file by its path in its file system.
///
/// @param path `/` for the root
/// @param status as it was last seen
record GuestfishFile(String path, FileStatus status) {

  /// The path of a file in a directory.
  static String join(String directory, String name) {
    return directory.equals("/") ? "/" + name : directory + "/" + name;
  }

  /// Reads what `lstatns` and `lstatnslist` print: a field a line, all of them numbers. A file that
  /// is not there has -1 as its inode.
  static List<Optional<FileStatus>> statuses(byte[] printed) throws IOException {
    List<Optional<FileStatus>> statuses = new ArrayList<>();
    Map<String, Long> fields = new HashMap<>();
    for (String line : new String(printed, StandardCharsets.US_ASCII).split("\n")) {
      int colon = line.indexOf(": ");
      if (colon < 0) {
        continue;
      }
      String name = line.substring(0, colon).strip();
      try {
        fields.put(name, Long.parseLong(line.substring(colon + 2).strip()));
      } catch (NumberFormatException e) {
        throw new IOException("libguestfs: a file's status: " + Guestfish.message(line), e);
      }
      if (name.equals("st_spare6")) {
        statuses.add(status(fields));
        fields.clear();
      }
    }
    return statuses;
  }

  private static Optional<FileStatus> status(Map<String, Long> fields) {
    if (fields.getOrDefault("st_ino", -1L) == -1) {
      return Optional.empty();
    }
    int mode = number(fields, "st_mode");
    return Optional.of(
        new FileStatus(
            fields.getOrDefault("st_ino", 0L),
            type(mode),
            fields.getOrDefault("st_size", 0L),
            mode & 07777,
            number(fields, "st_uid"),
            number(fields, "st_gid"),
            number(fields, "st_nlink"),
            Instant.ofEpochSecond(
                fields.getOrDefault("st_mtime_sec", 0L), fields.getOrDefault("st_mtime_nsec", 0L)),
            fields.getOrDefault("st_blocks", 0L) * 512));
  }

  private static int number(Map<String, Long> fields, String name) {
    return (int) (fields.getOrDefault(name, 0L) & 0xFFFF_FFFFL);
  }

  private static FileType type(int mode) {
    return switch (mode >> 12 & 15) {
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
}
