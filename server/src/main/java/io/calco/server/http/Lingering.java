package io.calco.server.http;

import java.time.Duration;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// Reads on, for a while, what a client still sends when it has been answered already.
///
/// A connection that is closed with bytes unread is reset, and a reset takes from the client the
/// answer that it has not read yet: who uploads too much would be told of a broken connection
/// instead of the refusal. (RFC 9112, section 9.6.)
final class Lingering extends Handler.Wrapper {
  /// Ours. One who pauses for longer than the idle timeout is let go, too.
  private static final Duration AT_MOST = Duration.ofSeconds(5);

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!sends(request)) {
      return super.handle(request, response, callback);
    }
    Kept kept = new Kept(request);
    return super.handle(kept, response, new ReadingOn(kept, callback));
  }

  /// Whether content comes by itself, on a connection that nobody shares.
  private static boolean sends(Request request) {
    HttpFields headers = request.getHeaders();
    return request.getConnectionMetaData().getHttpVersion().compareTo(HttpVersion.HTTP_2) < 0
        && (headers.contains(HttpHeader.CONTENT_LENGTH)
            || headers.contains(HttpHeader.TRANSFER_ENCODING));
  }

  /// A request whose content can still be read after the answer.
  private static final class Kept extends Request.Wrapper {
    /// As the server's own: nobody's answer waits for one who never ends.
    private static final int READS_MAX = 16;

    /// Whether the client sends nothing until it is asked to, as it is when content is read.
    private volatile boolean waits;

    Kept(Request request) {
      super(request);
      this.waits = request.getHeaders().contains(HttpHeader.EXPECT);
    }

    @Override
    public Content.Chunk read() {
      waits = false;
      return super.read();
    }

    @Override
    public void demand(Runnable task) {
      waits = false;
      super.demand(task);
    }

    /// As the one it wraps, which would let nothing be read afterwards.
    @Override
    public boolean consumeAvailable() {
      if (waits) {
        return super.consumeAvailable();
      }
      for (int reads = 0; reads < READS_MAX; reads++) {
        Content.Chunk chunk = read();
        if (chunk == null) {
          return false;
        }
        chunk.release();
        if (chunk.isLast()) {
          return !Content.Chunk.isFailure(chunk);
        }
      }
      return false;
    }
  }

  private static final class ReadingOn extends Callback.Nested {
    private final Kept request;
    private long deadline;

    ReadingOn(Kept request, Callback callback) {
      super(callback);
      this.request = request;
    }

    /// The answer is on its way.
    @Override
    public void succeeded() {
      if (request.waits) {
        super.succeeded();
        return;
      }
      deadline = System.nanoTime() + AT_MOST.toNanos();
      readOn();
    }

    private void readOn() {
      while (System.nanoTime() - deadline < 0 && !isStopping()) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
          request.demand(this::readOn);
          return;
        }
        chunk.release();
        if (chunk.isLast()) {
          break;
        }
      }
      super.succeeded();
    }

    private boolean isStopping() {
      return request.getConnectionMetaData().getConnector().isShutdown();
    }
  }
}
