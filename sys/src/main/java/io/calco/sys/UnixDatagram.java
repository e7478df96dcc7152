package io.calco.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Datagrams to a Unix socket, which Java itself has streams of only. Linux's `struct sockaddr_un`:
/// the family, then the path, which is abstract when it begins with a zero byte.
///
/// Thread rule: safe.
public final class UnixDatagram {
  private static final int FAMILY_BYTES = 2;

  /// Of `sun_path` with its ending zero.
  private static final int PATH_MAX_BYTES = 108;

  private UnixDatagram() {}

  /// Sends one datagram, whole; it does not wait for it to be read.
  ///
  /// @param socket the path of the socket; one that begins with `@` is abstract
  /// @throws IOException when nobody takes it there, or this host has no such calls
  public static void send(String socket, String message) throws IOException {
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    if (path.length == 0 || path.length >= PATH_MAX_BYTES) {
      throw new IOException("a socket's path of %d bytes".formatted(path.length));
    }
    if (!NativeAccess.available()) {
      throw new IOException(socket + ": this host has no datagrams to Unix sockets");
    }
    if (path[0] == '@') {
      path[0] = 0;
    }
    boolean isAbstract = path[0] == 0;
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined();
        CallFrame frame = CallFrame.take()) {
      MemorySegment address = arena.allocate(FAMILY_BYTES + PATH_MAX_BYTES, 2);
      address.set(ValueLayout.JAVA_SHORT, 0, LibC.AF_UNIX);
      MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, FAMILY_BYTES, path.length);
      int addressLength = FAMILY_BYTES + path.length + (isAbstract ? 0 : 1);
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, text);
      int fd = LibC.socket(frame, LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
      if (fd < 0) {
        throw new IOException("socket: " + Errno.text(frame.errno()));
      }
      try {
        long sent = LibC.sendto(frame, fd, bytes, LibC.MSG_NOSIGNAL, address, addressLength);
        if (sent != text.length) {
          throw new IOException(
              "%s: %s".formatted(socket, sent < 0 ? Errno.text(frame.errno()) : "sent in part"));
        }
      } finally {
        LibC.close(frame, fd);
      }
    }
  }
}
