package io.calco.server.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import org.eclipse.jetty.ee10.servlet.HttpOutput;

/// The body of an answer, sent as it is written: memory outside the heap goes to the kernel without
/// another copy, where any thread may read it. What the kernel does not take at once the server
/// sends on another thread; memory that is confined to the writing one is copied before.
///
/// Thread rule: confined.
public final class ResponseBody implements WritableByteChannel {
  private static final Thread ANOTHER = Thread.ofVirtual().unstarted(() -> {});

  private static final int PIECE = 64 << 10;

  private final HttpOutput out;

  private ResponseBody(HttpOutput out) {
    this.out = out;
  }

  /// The body of the answer to a request.
  public static WritableByteChannel of(Context request) throws IOException {
    OutputStream out = request.res().getOutputStream();
    return out instanceof HttpOutput direct ? new ResponseBody(direct) : Channels.newChannel(out);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (MemorySegment.ofBuffer(bytes).isAccessibleBy(ANOTHER)) {
      out.write(bytes);
      bytes.position(bytes.limit());
    } else {
      copy(bytes);
    }
    return length;
  }

  private void copy(ByteBuffer bytes) throws IOException {
    byte[] piece = new byte[Math.min(PIECE, bytes.remaining())];
    while (bytes.hasRemaining()) {
      int next = Math.min(piece.length, bytes.remaining());
      bytes.get(piece, 0, next);
      out.write(piece, 0, next);
    }
  }

  @Override
  public boolean isOpen() {
    return !out.isClosed();
  }

  /// The server closes the answer.
  @Override
  public void close() {}
}
