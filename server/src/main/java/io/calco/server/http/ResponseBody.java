package io.calco.server.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import org.eclipse.jetty.ee10.servlet.HttpOutput;

/// The body of an answer, sent as it is written: memory outside the heap goes to the kernel without
/// another copy. Confined.
public final class ResponseBody implements WritableByteChannel {
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
    out.write(bytes);
    bytes.position(bytes.limit());
    return length;
  }

  @Override
  public boolean isOpen() {
    return !out.isClosed();
  }

  /// The server closes the answer.
  @Override
  public void close() {}
}
