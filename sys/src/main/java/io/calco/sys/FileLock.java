package io.calco.sys;

import io.calco.sys.OpenFile.Lock;
import io.calco.sys.OpenFile.Writers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Open file description locks and leases, `fcntl(2)`.
final class FileLock {
  /// `struct flock`.
  private static final int L_TYPE = 0;

  private static final int L_WHENCE = 2;
  private static final int L_START = 8;
  private static final int L_LEN = 16;
  private static final int L_PID = 24;

  private FileLock() {}

  static short type(Lock lock) {
    return switch (lock) {
      case SHARED -> LibC.F_RDLCK;
      case EXCLUSIVE -> LibC.F_WRLCK;
    };
  }

  /// Sets or clears a lock without waiting; false with errno in the frame when it cannot.
  static boolean set(int fd, CallFrame frame, short type, long offset, long length) {
    int result;
    do {
      MemorySegment flock = flock(frame, type, offset, length);
      result = LibC.fcntl(frame, fd, LibC.F_OFD_SETLK, flock.address());
    } while (result < 0 && frame.errno() == Errno.EINTR);
    return result == 0;
  }

  /// The type of a lock that another open file has and that is in the way of ours, `F_UNLCK` for
  /// none; -1 with errno in the frame when the file system cannot tell.
  static short conflicting(int fd, CallFrame frame, short type, long offset, long length) {
    MemorySegment flock = flock(frame, type, offset, length);
    return LibC.fcntl(frame, fd, LibC.F_OFD_GETLK, flock.address()) < 0
        ? -1
        : flock.get(ValueLayout.JAVA_SHORT, L_TYPE);
  }

  private static MemorySegment flock(CallFrame frame, short type, long offset, long length) {
    MemorySegment flock = frame.arguments();
    flock.set(ValueLayout.JAVA_SHORT, L_TYPE, type);
    flock.set(ValueLayout.JAVA_SHORT, L_WHENCE, (short) 0);
    flock.set(ValueLayout.JAVA_LONG, L_START, offset);
    flock.set(ValueLayout.JAVA_LONG, L_LEN, length);
    flock.set(ValueLayout.JAVA_LONG, L_PID, 0);
    return flock;
  }

  /// The kernel grants a read lease on a file that nobody has open for writing, and on no other.
  /// The lease is given back at once. Who opens the file for writing in between makes the kernel
  /// send us a signal, SIGIO unless told otherwise, which would end the process; so it is told
  /// another.
  static Writers writers(int fd, CallFrame frame) {
    if (LibC.fcntl(frame, fd, LibC.F_SETSIG, LibC.SIGURG) < 0) {
      return Writers.UNKNOWN;
    }
    if (LibC.fcntl(frame, fd, LibC.F_SETLEASE, LibC.F_RDLCK) < 0) {
      return frame.errno() == Errno.EAGAIN ? Writers.SOME : Writers.UNKNOWN;
    }
    LibC.fcntl(frame, fd, LibC.F_SETLEASE, LibC.F_UNLCK);
    return Writers.NONE;
  }
}
