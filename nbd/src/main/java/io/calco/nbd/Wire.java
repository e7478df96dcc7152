package io.calco.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// One connection's bytes, big-endian as the protocol has them. What is put is sent by [#send].
/// Confined.
final class Wire implements AutoCloseable {
  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(4096);
  private final ByteBuffer out = ByteBuffer.allocate(8192);

  Wire(SocketChannel channel) {
    this.channel = channel;
    in.limit(0);
  }

  /// Sees to it that `count` bytes can be taken; at most 4096.
  private ByteBuffer need(int count) throws IOException {
    if (in.remaining() < count) {
      in.compact();
      while (in.position() < count) {
        if (channel.read(in) < 0) {
          throw new EOFException("the client hung up");
        }
      }
      in.flip();
    }
    return in;
  }

  short takeShort() throws IOException {
    return need(Short.BYTES).getShort();
  }

  int takeInt() throws IOException {
    return need(Integer.BYTES).getInt();
  }

  long takeLong() throws IOException {
    return need(Long.BYTES).getLong();
  }

  /// @param count at most 4096
  byte[] takeBytes(int count) throws IOException {
    byte[] bytes = new byte[count];
    need(count).get(bytes);
    return bytes;
  }

  /// Passes over what the client sends and nobody wants.
  void skip(long count) throws IOException {
    long left = count;
    while (left > 0) {
      int now = Math.toIntExact(Math.min(left, in.capacity()));
      need(now).position(in.position() + now);
      left -= now;
    }
  }

  /// Room for an answer, at most 8192 bytes between two sendings.
  ByteBuffer out() {
    return out;
  }

  void send() throws IOException {
    write(out.flip());
    out.clear();
  }

  /// Sends what was put, and then these.
  void send(ByteBuffer content) throws IOException {
    ByteBuffer[] both = {out.flip(), content};
    while (content.hasRemaining()) {
      channel.write(both);
    }
    out.clear();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
