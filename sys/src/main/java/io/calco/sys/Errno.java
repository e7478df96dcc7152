package io.calco.sys;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/// The error numbers of `errno(3)` that we act on or name, and the exceptions they become: those
/// that [java.nio.file.Files] throws for the same failure, so that callers catch one kind.
final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int ENXIO = 6;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int EXDEV = 18;
  static final int ENODEV = 19;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int EINVAL = 22;
  static final int EMFILE = 24;
  static final int ENOTTY = 25;
  static final int ETXTBSY = 26;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int ENOLCK = 37;
  static final int ENOSYS = 38;
  static final int ELOOP = 40;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  private Errno() {}

  /// True for the answers of a file system, or of a kernel, that does not have the operation.
  static boolean unsupported(int errno) {
    return errno == EOPNOTSUPP || errno == ENOTTY || errno == ENOSYS || errno == ENODEV;
  }

  /// The exception for a failed call.
  ///
  /// @param errno what the call left in `errno`
  /// @param file the file the call was about
  /// @param other the second file, for a call with two
  static IOException exception(int errno, String file, @Nullable String other) {
    String reason = text(errno);
    return switch (errno) {
      case ENOENT -> new NoSuchFileException(file, other, reason);
      case EEXIST -> new FileAlreadyExistsException(file, other, reason);
      case EACCES, EPERM -> new AccessDeniedException(file, other, reason);
      case EBUSY -> new FileBusyException(file);
      case ELOOP -> new FileSystemLoopException(file + ": " + reason);
      default -> new FileSystemException(file, other, reason);
    };
  }

  /// The words of `strerror(3)` for the numbers above.
  static String text(int errno) {
    return switch (errno) {
      case EPERM -> "Operation not permitted";
      case ENOENT -> "No such file or directory";
      case EINTR -> "Interrupted system call";
      case EIO -> "Input/output error";
      case ENXIO -> "No such device or address";
      case EAGAIN -> "Resource temporarily unavailable";
      case EACCES -> "Permission denied";
      case EBUSY -> "Device or resource busy";
      case EEXIST -> "File exists";
      case EXDEV -> "Invalid cross-device link";
      case ENODEV -> "No such device";
      case ENOTDIR -> "Not a directory";
      case EISDIR -> "Is a directory";
      case EINVAL -> "Invalid argument";
      case EMFILE -> "Too many open files";
      case ENOTTY -> "Inappropriate ioctl for device";
      case ETXTBSY -> "Text file busy";
      case EFBIG -> "File too large";
      case ENOSPC -> "No space left on device";
      case EROFS -> "Read-only file system";
      case ENOLCK -> "No locks available";
      case ENOSYS -> "Function not implemented";
      case ELOOP -> "Too many levels of symbolic links";
      case EOPNOTSUPP -> "Operation not supported";
      case EDQUOT -> "Disk quota exceeded";
      default -> "error " + errno;
    };
  }
}
