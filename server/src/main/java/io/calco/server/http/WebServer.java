package io.calco.server.http;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.server.tls.TlsContext;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServletFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;

/// Listens, and hands each request to the route that answers it.
///
/// Thread rule: safe for several threads.
public final class WebServer implements AutoCloseable {
  private static final Logger LOG = System.getLogger(WebServer.class.getName());

  /// How long connections may take to end when no request runs any more.
  private static final Duration STOP = Duration.ofSeconds(5);

  /// After which a connection that nobody uses is closed then.
  private static final Duration IDLE_AT_STOP = Duration.ofMillis(50);

  private static final String HTTP_1 = "http/1.1";

  /// What the kernel is asked for at a time. A connection has a buffer only while bytes are in it.
  private static final int READ = 64 << 10;

  /// Ours: what a browser may send in one message of a websocket.
  private static final int SOCKET_MESSAGE_MAX = 64 << 10;

  /// After which a websocket that nothing comes by, not even the answer to a ping, is closed.
  private static final Duration SOCKET_SILENCE = Duration.ofSeconds(90);

  private final Javalin javalin;
  private final Gate gate;
  private final HttpSettings settings;
  private final Optional<TlsContext> tls;
  private final ListenAddress address;

  private WebServer(
      Javalin javalin, Gate gate, HttpSettings settings, Optional<TlsContext> tls, int port) {
    this.javalin = javalin;
    this.gate = gate;
    this.settings = settings;
    this.tls = tls;
    this.address = new ListenAddress(settings.listen().host(), port);
  }

  /// Begins to listen, unencrypted and with the defaults.
  ///
  /// @throws OperationException as the other
  public static WebServer start(ListenAddress listen, List<Routes> routes) {
    return start(HttpSettings.at(listen), Optional.empty(), List.of(), routes);
  }

  /// Begins to listen.
  ///
  /// @param tls to encrypt with; closed with the server, or when this fails
  /// @param observers who are told of each exchange when it has ended
  /// @throws OperationException of kind REFUSED when the port is taken, USAGE when this host has no
  ///   such address
  public static WebServer start(
      HttpSettings settings,
      Optional<TlsContext> tls,
      List<ExchangeObserver> observers,
      List<Routes> routes) {
    Gate gate =
        new Gate(
            settings.requestsPerMinute() == 0
                ? Optional.empty()
                : Optional.of(new RequestLimit(settings.requestsPerMinute(), System::nanoTime)));
    Javalin javalin =
        Javalin.create(config -> {
          configure(config, routes);
          config.jetty.modifyServer(server -> configure(server, gate, settings, observers));
          config.jetty.modifyWebSocketServletFactory(WebServer::configure);
          config.jetty.modifyHttpConfiguration(http -> configure(http, settings, tls));
          config.jetty.addConnector((server, http) -> connector(server, http, settings, tls));
          config.routes.beforeMatched(request -> note(request, observers));
        });
    ListenAddress listen = settings.listen();
    try {
      javalin.start();
    } catch (JavalinBindException e) {
      tls.ifPresent(TlsContext::close);
      throw new OperationException(
          Kind.REFUSED, "cannot listen at %s: %s".formatted(listen, reason(e)), "see: --listen");
    } catch (JavalinException e) {
      tls.ifPresent(TlsContext::close);
      javalin.stop();
      throw new OperationException(
          Kind.USAGE, "cannot listen at %s: %s".formatted(listen, reason(e)), "see: --listen");
    }
    return new WebServer(javalin, gate, settings, tls, javalin.port());
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  private static void configure(JavalinConfig config, List<Routes> routes) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.concurrency.useVirtualThreads = true;
    config.http.prefer405over404 = true;
    config.http.defaultContentType = "application/json";
    config.http.compressionStrategy = CompressionStrategy.NONE; // images do not get smaller
    config.routes.exception(Exception.class, Failures::answer);
    config.routes.exception(HttpResponseException.class, Failures::answer); // has its own otherwise
    routes.forEach(feature -> feature.addTo(config.routes));
  }

  /// Notes what answers a request, for those who watch.
  private static void note(Context request, List<ExchangeObserver> observers) {
    Endpoint endpoint = request.endpoints().matchedHttpEndpoint();
    if (endpoint != null) {
      Exchange exchange = Exchange.of(request);
      exchange.route(endpoint.path, direction(request, endpoint.path));
      observers.forEach(observer -> observer.began(exchange));
    }
  }

  private static Exchange.Direction direction(Context request, String route) {
    String type = String.valueOf(request.contentType()).toLowerCase(Locale.ROOT);
    boolean sends = type.endsWith("octet-stream");
    if (sends && !request.method().equals(HandlerType.GET)) {
      return Exchange.Direction.UPLOAD;
    }
    boolean takes =
        request.method().equals(HandlerType.GET)
            && (route.endsWith("/file") || route.endsWith("/<object>"));
    return takes ? Exchange.Direction.DOWNLOAD : Exchange.Direction.NONE;
  }

  private static void configure(
      HttpConfiguration http, HttpSettings settings, Optional<TlsContext> tls) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(settings.headerMaxBytes());
    http.setIdleTimeout(settings.idleTimeout().toMillis());
    if (tls.isPresent()) {
      // Any name is served: which ones a certificate holds, clients see to.
      SecureRequestCustomizer secure = new SecureRequestCustomizer(false);
      if (!tls.get().hsts().isZero()) {
        secure.setStsMaxAge(tls.get().hsts().toSeconds());
      }
      http.addCustomizer(secure);
    }
    http.addCustomizer(settings.proxies());
  }

  /// Whoever opened one looks after it by pings: one whose other end is gone ends by itself.
  private static void configure(JettyWebSocketServletFactory sockets) {
    sockets.setMaxBinaryMessageSize(SOCKET_MESSAGE_MAX);
    sockets.setMaxTextMessageSize(SOCKET_MESSAGE_MAX);
    sockets.setMaxFrameSize(SOCKET_MESSAGE_MAX);
    sockets.setIdleTimeout(SOCKET_SILENCE);
  }

  private static void configure(
      Server server, Gate gate, HttpSettings settings, List<ExchangeObserver> observers) {
    server.setStopTimeout(STOP.toMillis());
    SlowSenders slow = new SlowSenders(SlowSenders.Limits.defaults());
    slow.guard(server);
    gate.setHandler(slow);
    Lingering lingering = new Lingering();
    lingering.setHandler(gate);
    server.setHandler(lingering);
    server.addBean(new NetworkConnectionLimit(settings.connectionsMax(), server));
    RequestLog log =
        (request, response) ->
            observers.forEach(observer -> observer.ended(EndedExchange.of(request, response)));
    server.setRequestLog(log);
  }

  private static Connector connector(
      Server server, HttpConfiguration http, HttpSettings settings, Optional<TlsContext> tls) {
    HttpConnectionFactory plain = new HttpConnectionFactory(http);
    plain.setInputBufferSize(READ);
    ServerConnector connector =
        tls.isEmpty()
            ? new ServerConnector(server, plain)
            : encrypted(server, http, plain, tls.get());
    connector.setHost(settings.listen().host());
    connector.setPort(settings.listen().port());
    connector.setIdleTimeout(settings.idleTimeout().toMillis());
    connector.setShutdownIdleTimeout(IDLE_AT_STOP.toMillis());
    return connector;
  }

  private static ServerConnector encrypted(
      Server server, HttpConfiguration http, HttpConnectionFactory plain, TlsContext tls) {
    ALPNServerConnectionFactory choice = new ALPNServerConnectionFactory("h2", HTTP_1);
    choice.setDefaultProtocol(HTTP_1);
    HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(http);
    http2.setConnectProtocolEnabled(false); // websockets come by connections of their own
    return new ServerConnector(
        server,
        new SslConnectionFactory(tls.factory(), choice.getProtocol()),
        choice,
        http2,
        plain);
  }

  /// Where it listens; the port that was free where any was asked for.
  public ListenAddress address() {
    return address;
  }

  /// `http` or `https`.
  public String scheme() {
    return tls.isPresent() ? "https" : "http";
  }

  /// Whether new requests are refused, because the server is being stopped.
  public boolean isStopping() {
    return gate.isDraining();
  }

  /// What is answered: methods and paths, as the routes were added.
  public List<String> routes() {
    return javalin.unsafe.internalRouter.allHttpHandlers().stream()
        .map(parsed -> parsed.endpoint)
        .filter(endpoint -> endpoint.method.isHttpMethod())
        .map(endpoint -> endpoint.method.name() + " " + endpoint.path)
        .toList();
  }

  /// Refuses new requests, with 503 and `Retry-After`, and waits for those that run, as long as the
  /// settings say; then those that still run are cut off.
  @Override
  public void close() {
    int running = gate.drain(settings.stopTimeout());
    if (running > 0) {
      LOG.log(Level.WARNING, "stopping cuts off {0} requests that still run", running);
    }
    try {
      javalin.stop();
    } catch (JavalinException e) {
      LOG.log(Level.WARNING, "stopping: {0}", reason(e));
    } finally {
      tls.ifPresent(TlsContext::close);
    }
  }
}
