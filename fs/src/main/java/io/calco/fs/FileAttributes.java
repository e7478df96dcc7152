package io.calco.fs;

import java.time.Instant;

/// What a new or changed file gets.
///
/// @param permissions the low 12 mode bits, 0–07777
/// @param uid owner
/// @param gid group
/// @param modified modification time; access and change time follow it
public record FileAttributes(int permissions, int uid, int gid, Instant modified) {

  /// Checks the bits.
  public FileAttributes {
    if ((permissions & ~07777) != 0) {
      throw new IllegalArgumentException("permissions " + Integer.toOctalString(permissions));
    }
  }

  /// A file of root's.
  public static FileAttributes root(int permissions, Instant modified) {
    return new FileAttributes(permissions, 0, 0, modified);
  }

  /// What `status` says.
  public static FileAttributes of(FileStatus status) {
    return new FileAttributes(status.permissions(), status.uid(), status.gid(), status.modified());
  }
}
