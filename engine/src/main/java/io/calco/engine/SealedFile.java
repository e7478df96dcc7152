package io.calco.engine;

import io.calco.catalog.TemplateVersion;
import io.calco.disk.FileDigest;
import io.calco.disk.JobContext;
import io.calco.sys.FileSeal;
import io.calco.sys.FileSeal.Strength;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/// Keeps template disks as they are, and finds out when one is not.
final class SealedFile {
  private SealedFile() {}

  /// What tells an untouched file from another.
  ///
  /// @param size bytes in the file
  /// @param modifiedNanos modification time, nanoseconds since 1970
  /// @param sha256 of all its bytes
  record Fingerprint(long size, long modifiedNanos, String sha256) {}

  /// How closely a seal is looked at.
  enum Scrutiny {
    /// Size, time and mode.
    QUICK,
    /// Every byte as well.
    FULL
  }

  /// Takes the fingerprint of a file that nobody writes, and makes it read-only.
  static Fingerprint seal(Path file, JobContext job) throws IOException {
    String sha256 = FileDigest.sha256(file, job);
    FileSeal.seal(file);
    return new Fingerprint(Files.size(file), modified(file), sha256);
  }

  /// What is wrong with a sealed file, one sentence each; nothing when it is as it was.
  static List<String> problems(Path file, Fingerprint expected, Scrutiny scrutiny, JobContext job)
      throws IOException {
    List<String> found = new ArrayList<>();
    long size;
    try {
      size = Files.size(file);
    } catch (NoSuchFileException e) {
      return List.of("the disk is missing: " + file);
    }
    if (size < expected.size()) {
      found.add("the disk is truncated: %d of %d bytes are left".formatted(size, expected.size()));
    } else if (size > expected.size()) {
      found.add("the disk has grown from %d to %d bytes".formatted(expected.size(), size));
    }
    if (FileSeal.strength(file) == Strength.NONE) {
      found.add("the disk is writable: its seal was taken off");
    }
    boolean touched = modified(file) != expected.modifiedNanos();
    boolean sameSize = size == expected.size();
    if (sameSize && (touched || scrutiny == Scrutiny.FULL)) {
      String sha256 = FileDigest.sha256(file, job);
      if (!sha256.equals(expected.sha256())) {
        found.add(
            "the disk's content was changed: SHA-256 is %s, was %s"
                .formatted(sha256, expected.sha256()));
      }
    } else if (touched) {
      found.add("the disk was written to at " + Files.getLastModifiedTime(file));
    }
    return found;
  }

  /// What a version's disk was sealed with.
  static Fingerprint fingerprint(TemplateVersion version) {
    return new Fingerprint(version.fileSize(), version.modifiedNanos(), version.sha256());
  }

  /// True when a file has the size and time of a version's disk.
  static boolean looksLike(Path file, TemplateVersion version) throws IOException {
    return Files.size(file) == version.fileSize() && modified(file) == version.modifiedNanos();
  }

  private static long modified(Path file) throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    return time.to(java.util.concurrent.TimeUnit.NANOSECONDS);
  }
}
