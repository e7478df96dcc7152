package io.calco.backup;

import io.calco.backup.rescue.Run;
import java.util.List;

/// What of a disk could not be read, and is zeroes in the point.
///
/// @param bytes all of them
/// @param runCount in how many runs
/// @param runs the first of those, by place on the disk
/// @param fileCount how many files lie there, in part or whole
/// @param files the first of those
public record Unread(
    long bytes, int runCount, List<Run> runs, int fileCount, List<LostFile> files) {
  /// Ours: of each that many are listed; a root has 1 MiB.
  public static final int LISTED = 1000;

  /// Copies the lists.
  public Unread {
    runs = List.copyOf(runs);
    files = List.copyOf(files);
  }

  /// A file or directory that lies where nothing could be read.
  ///
  /// @param volume what its file system is on, for a person: `partition 2`
  /// @param path in that file system, as it has it
  /// @param bytes of it that are gone; of a directory, of what leads to its files
  public record LostFile(String volume, String path, long bytes) {}

  /// One sentence for a person.
  public String sentence() {
    return "%,d bytes in %d place%s could not be read, and are zeroes; %s"
        .formatted(
            bytes,
            runCount,
            runCount == 1 ? "" : "s",
            fileCount == 0
                ? "no file is known to lie there"
                : "%d file%s there".formatted(fileCount, fileCount == 1 ? " lies" : "s lie"));
  }
}
