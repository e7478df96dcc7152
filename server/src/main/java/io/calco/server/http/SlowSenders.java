package io.calco.server.http;

import io.javalin.http.HttpStatus;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/// Keeps those out who send so slowly that they only hold what others need, and lets slow links be.
///
/// What pauses for longer than the idle timeout is cut off by that, and how many connections there
/// may be is [HttpSettings]' to say.
final class SlowSenders extends Handler.Wrapper {
  private final Limits limits;

  /// What is slow.
  ///
  /// @param head the time that the head of a request has, from its first byte; on a new connection
  ///   the first request at all, a TLS handshake among it
  /// @param patience how long a body may come at any rate
  /// @param rate bytes a second that one which comes for longer has, counted from its beginning
  record Limits(Duration head, Duration patience, long rate) {
    /// For a server that strangers reach.
    static Limits defaults() {
      return new Limits(Duration.ofSeconds(20), Duration.ofSeconds(60), 512);
    }
  }

  SlowSenders(Limits limits) {
    this.limits = limits;
  }

  /// Before the server has its connectors.
  void guard(Server server) {
    server.addEventListener(
        new LifeCycle.Listener() {
          @Override
          public void lifeCycleStarting(LifeCycle starting) {
            for (Connector connector : server.getConnectors()) {
              if (connector instanceof ContainerLifeCycle container) {
                container.addBean(new HeadDeadline(limits.head));
              }
            }
          }
        });
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    return super.handle(
        request.getLength() == 0 ? request : new TimedRequest(request), response, callback);
  }

  /// A request whose body must not take for ever.
  private final class TimedRequest extends Request.Wrapper {
    private long begun;
    private long bytes;
    private Content.@Nullable Chunk failure;

    TimedRequest(Request request) {
      super(request);
    }

    @Override
    public void demand(Runnable task) {
      if (begun == 0) {
        begun = System.nanoTime();
      }
      super.demand(task);
    }

    @Override
    public Content.Chunk read() {
      if (failure != null) {
        return failure;
      }
      Content.Chunk chunk = super.read();
      if (chunk == null || begun == 0) {
        return chunk;
      }
      bytes += chunk.remaining();
      long nanos = System.nanoTime() - begun;
      if (nanos > limits.patience.toNanos()
          && !chunk.isLast()
          && bytes * 1e9 / nanos < limits.rate) {
        chunk.release();
        failure =
            Content.Chunk.from(
                new ApiException(HttpStatus.REQUEST_TIMEOUT, "The body comes too slowly."));
        return failure;
      }
      return chunk;
    }
  }

  /// Closes connections on which the head of a request does not come to its end.
  static final class HeadDeadline extends AbstractLifeCycle implements Connection.Listener {
    private final Map<Connection, Head> open = new ConcurrentHashMap<>();
    private final Duration limit;
    private final Scheduler scheduler = new ScheduledExecutorScheduler("head-deadline", true);

    /// What was seen of a connection.
    ///
    /// @param requests how many it had had
    /// @param since when it was seen to begin with the next, in nanoseconds
    private record Head(long requests, long since) {}

    HeadDeadline(Duration limit) {
      this.limit = limit;
    }

    @Override
    protected void doStart() throws Exception {
      scheduler.start();
      again();
    }

    @Override
    protected void doStop() throws Exception {
      scheduler.stop();
    }

    private void again() {
      scheduler.schedule(this::look, limit.toMillis() / 10, TimeUnit.MILLISECONDS);
    }

    @Override
    public void onOpened(Connection connection) {
      open.put(connection, new Head(0, System.nanoTime()));
    }

    @Override
    public void onClosed(Connection connection) {
      open.remove(connection);
    }

    private void look() {
      try {
        long now = System.nanoTime();
        for (Iterator<Map.Entry<Connection, Head>> all = open.entrySet().iterator();
            all.hasNext(); ) {
          Map.Entry<Connection, Head> entry = all.next();
          if (entry.getKey() instanceof HttpConnection connection) {
            look(entry, connection, now);
          }
        }
      } finally {
        if (isRunning() || isStarting()) {
          again();
        }
      }
    }

    private void look(Map.Entry<Connection, Head> entry, HttpConnection http, long now) {
      Head head = entry.getValue();
      long requests = http.getMessagesIn();
      HttpParser parser = http.getParser();
      boolean coming = parser.inHeaderState() && (requests == 0 || !parser.isStart());
      if (!coming || requests != head.requests()) {
        entry.setValue(new Head(requests, now));
      } else if (now - head.since() > limit.toNanos()) {
        http.getEndPoint().close();
      }
    }
  }
}
