package io.calco.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Changes of names in directories, each of them whole or not at all, whatever happens. What a
/// crash leaves is decided when [#sync] of the directory returns. Thread rule: safe.
public final class FileNames {
  private FileNames() {}

  /// Gives a file another name in the same file system, which must be free.
  ///
  /// @throws FileAlreadyExistsException when `to` exists, be it a link to nowhere; nothing changed
  public static void move(Path from, Path to) throws IOException {
    if (!NativeAccess.available() || !rename(from, to, LibC.RENAME_NOREPLACE)) {
      // A second name fails when it is taken; some file systems have links but not the flag.
      Files.createLink(to, from);
      Files.delete(from);
    }
  }

  /// Gives a file another name in the same file system, in place of the file that has it now: who
  /// opens `to` at any time finds the old file or the new.
  public static void replace(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Exchanges the names of two files of one file system.
  ///
  /// @throws FileSystemException when this host or file system cannot; nothing changed
  public static void exchange(Path one, Path other) throws IOException {
    if (!NativeAccess.available() || !rename(one, other, LibC.RENAME_EXCHANGE)) {
      throw new FileSystemException(
          one.toString(), other.toString(), "the host cannot exchange two names");
    }
  }

  /// False when the file system does not have the flag.
  private static boolean rename(Path from, Path to, int flag) throws IOException {
    try (Arena arena = Arena.ofConfined();
        CallFrame frame = CallFrame.take()) {
      if (LibC.renameat2(frame, NativeName.of(from, arena), NativeName.of(to, arena), flag) == 0) {
        return true;
      }
      int errno = frame.errno();
      if (errno == Errno.EINVAL || Errno.unsupported(errno)) {
        return false;
      }
      String about = errno == Errno.EEXIST ? to.toString() : from.toString();
      throw Errno.exception(errno, about, errno == Errno.EEXIST ? null : to.toString());
    }
  }

  /// Returns when the names in the directory are on the medium.
  public static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
