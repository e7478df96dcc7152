package io.calco.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A client that sends whatever it is told to, for what no other client does.
final class RawClient implements AutoCloseable {
  private final SocketChannel channel;

  /// Connects, and takes the greeting.
  RawClient(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  RawClient greet() throws IOException {
    take(18);
    send(ByteBuffer.allocate(4).putInt(3));
    return this;
  }

  /// Sends what was put into a buffer.
  void send(ByteBuffer bytes) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  ByteBuffer take(int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException();
      }
    }
    return bytes.flip();
  }

  void option(int option, ByteBuffer data) throws IOException {
    byte[] bytes = new byte[data.flip().remaining()];
    data.get(bytes);
    send(
        ByteBuffer.allocate(16 + bytes.length)
            .putLong(Nbd.IHAVEOPT)
            .putInt(option)
            .putInt(bytes.length)
            .put(bytes));
  }

  /// Takes replies up to the last one.
  ///
  /// @return its type
  int replies() throws IOException {
    while (true) {
      ByteBuffer head = take(20);
      head.getLong();
      head.getInt();
      int type = head.getInt();
      take(head.getInt());
      if (type == Nbd.REP_ACK || type < 0) {
        return type;
      }
    }
  }

  /// Chooses the unnamed export.
  int go() throws IOException {
    option(Nbd.OPT_GO, ByteBuffer.allocate(6).putInt(0).putShort((short) 0));
    return replies();
  }

  int chooseAllocation() throws IOException {
    byte[] name = Nbd.BASE_ALLOCATION.getBytes(StandardCharsets.UTF_8);
    option(
        Nbd.OPT_SET_META_CONTEXT,
        ByteBuffer.allocate(12 + name.length).putInt(0).putInt(1).putInt(name.length).put(name));
    return replies();
  }

  void extendedRequest(int flags, int type, long cookie, long offset, long length)
      throws IOException {
    send(
        ByteBuffer.allocate(32)
            .putInt(0x21e41c71)
            .putShort((short) flags)
            .putShort((short) type)
            .putLong(cookie)
            .putLong(offset)
            .putLong(length));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
