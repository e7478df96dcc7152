package io.calco.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/// Keeps a file from being written: mode 0444, and the immutable flag where the file system has it
/// and we may set it (root's `CAP_LINUX_IMMUTABLE`). The mode alone stops ordinary users; the flag
/// stops root as well, and renaming and deleting with it. Thread rule: safe.
public final class FileSeal {
  private static final Set<PosixFilePermission> READ_ONLY =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.OTHERS_READ);

  private FileSeal() {}

  /// How firmly a file is sealed.
  public enum Strength {
    /// Not at all: somebody may write it by its mode.
    NONE,
    /// By its mode.
    MODE,
    /// By its mode and the immutable flag.
    IMMUTABLE
  }

  /// Seals a file as firmly as this process may. Sealing twice does nothing more.
  public static Strength seal(Path file) throws IOException {
    try (OpenFile open = OpenFile.open(file, OpenFile.Access.READ)) {
      if (!open.immutable()) {
        Files.setPosixFilePermissions(file, READ_ONLY);
        open.makeImmutable();
      }
      open.sync();
    }
    return strength(file);
  }

  /// How firmly a file is sealed.
  public static Strength strength(Path file) throws IOException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.contains(PosixFilePermission.OWNER_WRITE)
        || mode.contains(PosixFilePermission.GROUP_WRITE)
        || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
      return Strength.NONE;
    }
    try (OpenFile open = OpenFile.open(file, OpenFile.Access.READ)) {
      return open.immutable() ? Strength.IMMUTABLE : Strength.MODE;
    }
  }

  /// Breaks the seal: clears the flag and lets the owner write.
  ///
  /// @throws java.nio.file.AccessDeniedException when we may not clear the flag; nothing changed
  public static void unseal(Path file) throws IOException {
    try (OpenFile open = OpenFile.open(file, OpenFile.Access.READ)) {
      if (!open.makeMutable()) {
        throw Errno.exception(Errno.EPERM, file.toString(), null);
      }
    }
    Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    mode.add(PosixFilePermission.OWNER_WRITE);
    Files.setPosixFilePermissions(file, mode);
  }
}
