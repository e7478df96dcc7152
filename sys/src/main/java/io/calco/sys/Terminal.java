package io.calco.sys;

import java.lang.foreign.ValueLayout;
import java.util.OptionalInt;

/// The terminal that a standard stream may be connected to. Thread rule: safe.
public final class Terminal {
  private Terminal() {}

  /// The streams that a process starts with.
  public enum Stream {
    /// Descriptor 0.
    INPUT(0),
    /// Descriptor 1.
    OUTPUT(1),
    /// Descriptor 2.
    ERROR(2);

    private final int fd;

    Stream(int fd) {
      this.fd = fd;
    }
  }

  /// The width in columns of the terminal that the stream is connected to; empty when it is none,
  /// or when this host does not tell.
  public static OptionalInt width(Stream stream) {
    if (!NativeAccess.available()) {
      return OptionalInt.empty();
    }
    try (CallFrame frame = CallFrame.take()) {
      if (LibC.ioctl(frame, stream.fd, LibC.TIOCGWINSZ, frame.arguments()) < 0) {
        return OptionalInt.empty();
      }
      // struct winsize: unsigned short ws_row, ws_col …; a terminal that was not told its size says
      // 0
      int columns = Short.toUnsignedInt(frame.arguments().get(ValueLayout.JAVA_SHORT, 2));
      return OptionalInt.of(columns == 0 ? 80 : columns);
    }
  }
}
