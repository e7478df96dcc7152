package io.calco.sys;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A file descriptor with an owner, and a count of the calls that use it. The number is given to a
/// call between [#acquire] and [#release] only, and closed when neither the owner nor a call has
/// it: so nobody ever uses a number that the kernel has given to another file.
///
/// Thread rule: safe.
final class Descriptor {
  private final int fd;
  private final AtomicInteger users = new AtomicInteger(1);
  private final AtomicBoolean owned = new AtomicBoolean(true);

  Descriptor(int fd) {
    this.fd = fd;
  }

  /// The number, for use until [#release].
  int acquire() throws ClosedChannelException {
    int now = users.get();
    while (now > 0) {
      if (!owned.get()) {
        break;
      }
      if (users.compareAndSet(now, now + 1)) {
        return fd;
      }
      now = users.get();
    }
    throw new ClosedChannelException();
  }

  /// Ends a use.
  void release() throws IOException {
    if (users.decrementAndGet() == 0) {
      try (CallFrame frame = CallFrame.take()) {
        if (LibC.close(frame, fd) < 0 && frame.errno() != Errno.EINTR) {
          throw new IOException("close: " + Errno.text(frame.errno()));
        }
      }
    }
  }

  /// Ends the owner's use; the second time does nothing.
  void close() throws IOException {
    if (owned.compareAndSet(true, false)) {
      release();
    }
  }
}
