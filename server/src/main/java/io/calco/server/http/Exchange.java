package io.calco.server.http;

import io.javalin.http.Context;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// A request and its answer, as the log and the metrics tell of them.
///
/// Thread rule: confined to the request; what it holds is read again when the answer has ended.
public final class Exchange {
  private static final String ATTRIBUTE = Exchange.class.getName();

  /// What an exchange moves, as far as that is known when it begins.
  public enum Direction {
    /// An image, or a part of one, to this server.
    UPLOAD,
    /// From it.
    DOWNLOAD,
    /// Neither.
    NONE
  }

  private final String id = "req-" + UUID.randomUUID();
  private volatile String route = "";
  private volatile Direction direction = Direction.NONE;
  private final AtomicBoolean counted = new AtomicBoolean(true);
  private final Runnable ended;
  private volatile @Nullable String caller;

  private Exchange(Runnable ended) {
    this.ended = ended;
  }

  /// Begins one.
  ///
  /// @param ended run once, when nobody need wait for it any more
  static Exchange begin(Request request, Runnable ended) {
    Exchange exchange = new Exchange(ended);
    request.setAttribute(ATTRIBUTE, exchange);
    return exchange;
  }

  /// That of a request; empty for one so broken that it never began.
  static Optional<Exchange> find(Request request) {
    return Optional.ofNullable((Exchange) request.getAttribute(ATTRIBUTE));
  }

  /// That of a request.
  public static Exchange of(Context request) {
    Exchange exchange = (Exchange) request.req().getAttribute(ATTRIBUTE);
    if (exchange == null) {
      throw new IllegalStateException("a request that did not come through WebServer");
    }
    return exchange;
  }

  /// Its id, which the answer's header `X-Openstack-Request-Id`, tasks and the log name.
  public String id() {
    return id;
  }

  /// The path that answers it, with parameters' names: `/v2/images/{image}`; empty when there is
  /// none.
  public String route() {
    return route;
  }

  /// Says which path answers it, and what it moves.
  public void route(String path, Direction moves) {
    route = path;
    direction = moves;
  }

  /// What it moves.
  public Direction direction() {
    return direction;
  }

  /// Says that the answer has no end of its own, such as a stream of events: stopping does not wait
  /// for it.
  public void markEndless() {
    end();
  }

  void end() {
    if (counted.compareAndSet(true, false)) {
      ended.run();
    }
  }

  /// Says who asks.
  ///
  /// @param user their id
  /// @param project its id
  void caller(String user, Optional<String> project) {
    caller = project.map(id -> user + "/" + id).orElse(user);
  }

  /// Who asks: the user's id and, after a slash, the project's; empty when nobody said so.
  public Optional<String> caller() {
    return Optional.ofNullable(caller);
  }
}
