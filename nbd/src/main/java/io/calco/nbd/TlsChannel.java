package io.calco.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/// A channel that blocks, encrypted. TLS 1.2 (RFC 5246) and 1.3 (RFC 8446) as the JDK has them.
///
/// Confined, but for [#close].
final class TlsChannel implements ByteChannel {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int STEPS_MAX = 1000; // ours: records without any content

  private final ByteChannel below;
  private final SSLEngine engine;
  private final ByteBuffer wrappedIn;
  private final ByteBuffer wrappedOut;
  private final ByteBuffer plain;
  private boolean ended;

  private TlsChannel(ByteChannel below, SSLEngine engine) {
    this.below = below;
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    wrappedIn = ByteBuffer.allocateDirect(2 * packet).limit(0);
    wrappedOut = ByteBuffer.allocateDirect(packet);
    plain = ByteBuffer.allocateDirect(2 * engine.getSession().getApplicationBufferSize()).limit(0);
  }

  /// Agrees with the other side; returns when both may send.
  ///
  /// @throws javax.net.ssl.SSLException when they cannot agree
  static TlsChannel handshake(ByteChannel below, SSLEngine engine) throws IOException {
    TlsChannel channel = new TlsChannel(below, engine);
    engine.beginHandshake();
    for (int steps = 0; !settled(engine.getHandshakeStatus()); steps++) {
      if (steps == STEPS_MAX) {
        throw new ProtocolException("a TLS handshake of more than " + STEPS_MAX + " steps");
      }
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        channel.wrap(NOTHING.duplicate());
      } else if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        channel.work();
      } else if (channel.unwrap() < 0) {
        throw new EOFException("the other side hung up in the TLS handshake");
      }
    }
    return channel;
  }

  private static boolean settled(HandshakeStatus status) {
    return status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED;
  }

  private void work() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    for (int steps = 0; !plain.hasRemaining(); steps++) {
      if (ended) {
        return -1;
      }
      if (steps == STEPS_MAX) {
        throw new ProtocolException("more than " + STEPS_MAX + " TLS records without content");
      }
      if (unwrap() < 0) {
        return -1;
      }
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        work();
      } else if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        wrap(NOTHING.duplicate()); // an answer to a change of keys
      }
    }
    int count = Math.min(plain.remaining(), dst.remaining());
    dst.put(plain.slice(plain.position(), count));
    plain.position(plain.position() + count);
    return count;
  }

  /// Decrypts one record into `plain`; −1 at the end.
  private int unwrap() throws IOException {
    plain.compact();
    try {
      while (true) {
        SSLEngineResult result = engine.unwrap(wrappedIn, plain);
        if (result.getStatus() == Status.CLOSED) {
          ended = true;
          return result.bytesProduced() > 0 ? result.bytesProduced() : -1;
        }
        if (result.getStatus() != Status.BUFFER_UNDERFLOW) {
          return result.bytesProduced();
        }
        wrappedIn.compact();
        try {
          if (below.read(wrappedIn) < 0) {
            ended = true;
            return -1;
          }
        } finally {
          wrappedIn.flip();
        }
      }
    } finally {
      plain.flip();
    }
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    int before = src.remaining();
    while (src.hasRemaining()) {
      wrap(src);
    }
    return before;
  }

  private void wrap(ByteBuffer src) throws IOException {
    SSLEngineResult result = engine.wrap(src, wrappedOut.clear());
    wrappedOut.flip();
    while (wrappedOut.hasRemaining()) {
      below.write(wrappedOut);
    }
    if (result.getStatus() == Status.CLOSED && src.hasRemaining()) {
      throw new ClosedChannelException();
    }
  }

  /// Says goodbye, which the other side waits for before it believes that nothing was cut off.
  void farewell() throws IOException {
    if (below.isOpen() && !engine.isOutboundDone()) {
      engine.closeOutbound();
      wrap(NOTHING.duplicate());
    }
  }

  @Override
  public boolean isOpen() {
    return below.isOpen();
  }

  @Override
  public void close() throws IOException {
    below.close();
  }
}
