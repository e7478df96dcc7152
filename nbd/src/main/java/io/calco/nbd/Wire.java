package io.calco.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import javax.net.ssl.SSLEngine;

/// One connection's bytes, big-endian as the protocol has them. What is put goes out before anybody
/// waits for the other side, or when there is much of it: answers to requests that came together
/// leave together.
///
/// Confined, but for [#hangUp].
final class Wire implements AutoCloseable {
  /// Longest that is taken or put at once.
  static final int PIECE_BYTES = 256 << 10;

  private static final int HEADERS_BYTES = 32 << 10;
  private static final int SEND_BYTES = 128 << 10;

  private final Arena arena = Arena.ofShared();
  private final ByteBuffer in;
  private final ByteBuffer out;
  private volatile ByteChannel channel;

  /// A connection over a channel that blocks; closed with it.
  Wire(ByteChannel channel) {
    this.channel = channel;
    in = arena.allocate(PIECE_BYTES + HEADERS_BYTES, 4096).asByteBuffer().limit(0);
    out = arena.allocate(PIECE_BYTES + SEND_BYTES + HEADERS_BYTES, 4096).asByteBuffer();
  }

  /// Goes on encrypted.
  ///
  /// @throws ProtocolException when the other side sent more before it was: somebody between could
  ///   have put it there
  void startTls(SSLEngine engine) throws IOException {
    send();
    if (in.hasRemaining()) {
      throw new ProtocolException("bytes in the clear follow the beginning of TLS");
    }
    channel = TlsChannel.handshake(channel, engine);
  }

  /// Sees to it that `count` bytes can be taken; at most [#PIECE_BYTES].
  private ByteBuffer need(int count) throws IOException {
    if (in.remaining() < count) {
      send();
      in.compact();
      try {
        while (in.position() < count) {
          if (channel.read(in) < 0) {
            throw new EOFException("the other side hung up");
          }
        }
      } finally {
        in.flip();
      }
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

  /// @param count at most [#PIECE_BYTES]
  byte[] takeBytes(int count) throws IOException {
    byte[] bytes = new byte[count];
    need(count).get(bytes);
    return bytes;
  }

  /// Some bytes where they lie, until more are taken.
  ///
  /// @param count at most [#PIECE_BYTES]
  MemorySegment take(int count) throws IOException {
    need(count);
    MemorySegment segment = MemorySegment.ofBuffer(in.slice(in.position(), count));
    in.position(in.position() + count);
    return segment;
  }

  /// Fills `dst`, past the buffer where there is much of it.
  void take(ByteBuffer dst) throws IOException {
    int buffered = Math.min(in.remaining(), dst.remaining());
    dst.put(in.slice(in.position(), buffered));
    in.position(in.position() + buffered);
    send();
    while (dst.hasRemaining()) {
      if (channel.read(dst) < 0) {
        throw new EOFException("the other side hung up");
      }
    }
  }

  /// Passes over what the other side sends and nobody wants.
  void skip(long count) throws IOException {
    for (long left = count; left > 0; ) {
      int now = Math.toIntExact(Math.min(left, PIECE_BYTES));
      take(now);
      left -= now;
    }
  }

  /// Room for `count` more bytes, which may be put; at most [#PIECE_BYTES] and a few hundred.
  ByteBuffer room(int count) throws IOException {
    if (out.remaining() < count || out.position() > SEND_BYTES) {
      send();
    }
    return out;
  }

  /// Sends what was put.
  void send() throws IOException {
    out.flip();
    try {
      while (out.hasRemaining()) {
        channel.write(out);
      }
    } finally {
      out.clear();
    }
  }

  /// Sends what was put, and then these.
  void send(ByteBuffer content) throws IOException {
    send();
    while (content.hasRemaining()) {
      channel.write(content);
    }
  }

  /// Ends the connection, whoever waits in it. Thread rule: safe.
  void hangUp() throws IOException {
    channel.close();
  }

  /// Sends the rest and ends the connection.
  @Override
  public void close() throws IOException {
    try (arena;
        ByteChannel _ = channel) {
      if (channel.isOpen()) {
        send();
        if (channel instanceof TlsChannel tls) {
          tls.farewell();
        }
      }
    }
  }
}
