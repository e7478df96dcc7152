package io.calco.sys;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The flags of `ioctl_iflags(2)`, which chattr(1) changes.
final class FileFlags {
  private static final int FS_IMMUTABLE_FL = 0x10;

  private FileFlags() {}

  /// True when the flag is set; false where the file system has none.
  static boolean immutable(int fd, CallFrame frame) throws IOException {
    if (get(fd, frame)) {
      return (value(frame) & FS_IMMUTABLE_FL) != 0;
    }
    if (refused(frame.errno())) {
      return false;
    }
    throw new IOException("FS_IOC_GETFLAGS: " + Errno.text(frame.errno()));
  }

  /// False with errno in the frame when it cannot be.
  static boolean setImmutable(int fd, CallFrame frame) {
    return get(fd, frame) && set(fd, frame, value(frame) | FS_IMMUTABLE_FL);
  }

  /// False with errno in the frame when it is set and cannot be cleared.
  static boolean clearImmutable(int fd, CallFrame frame) {
    if (!get(fd, frame)) {
      return Errno.unsupported(frame.errno());
    }
    int now = value(frame);
    return (now & FS_IMMUTABLE_FL) == 0 || set(fd, frame, now & ~FS_IMMUTABLE_FL);
  }

  /// True for the errors of a file system without flags, or of one who may not change them.
  static boolean refused(int errno) {
    return Errno.unsupported(errno)
        || errno == Errno.EINVAL
        || errno == Errno.EPERM
        || errno == Errno.EACCES
        || errno == Errno.EROFS;
  }

  private static boolean get(int fd, CallFrame frame) {
    return LibC.ioctl(frame, fd, LibC.FS_IOC_GETFLAGS, frame.arguments()) == 0;
  }

  private static int value(CallFrame frame) {
    return frame.arguments().get(ValueLayout.JAVA_INT, 0);
  }

  private static boolean set(int fd, CallFrame frame, int flags) {
    MemorySegment argument = frame.arguments();
    argument.set(ValueLayout.JAVA_INT, 0, flags);
    return LibC.ioctl(frame, fd, LibC.FS_IOC_SETFLAGS, argument) == 0;
  }
}
