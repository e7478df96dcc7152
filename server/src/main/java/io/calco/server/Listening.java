package io.calco.server;

import io.calco.engine.Calco;
import io.calco.engine.HomeVitals;
import io.calco.server.http.ListenAddress;
import io.calco.server.http.Routes;
import io.calco.server.http.WebServer;
import io.calco.server.tls.SelfMadeCertificate;
import io.calco.server.tls.TlsChoice;
import io.calco.server.tls.TlsContext;
import io.calco.server.watch.AccessLog;
import io.calco.server.watch.HealthRoutes;
import io.calco.server.watch.MetricsRoutes;
import io.calco.server.watch.ServerMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/// A server that listens, with its certificate and with what is seen of it by those who run it.
final class Listening implements AutoCloseable {
  private final WebServer web;
  private final ServerMetrics metrics;
  private final HealthRoutes health;
  private final Optional<String> fingerprint;

  private Listening(
      WebServer web, ServerMetrics metrics, HealthRoutes health, Optional<String> fingerprint) {
    this.web = web;
    this.metrics = metrics;
    this.health = health;
    this.fingerprint = fingerprint;
  }

  /// Begins to listen.
  ///
  /// @param room whether uploads find any
  /// @param features what is answered, beside health and metrics
  static Listening start(
      Calco calco, ServerSettings settings, HealthRoutes.Room room, List<Routes> features)
      throws IOException {
    Optional<SelfMadeCertificate> made =
        settings.tls() instanceof TlsChoice.SelfMade
            ? Optional.of(
                SelfMadeCertificate.in(
                    calco.home().directory().resolve("tls"), names(settings.http().listen())))
            : Optional.empty();
    Optional<TlsContext> tls =
        switch (settings.tls()) {
          case TlsChoice.Off off -> Optional.empty();
          case TlsChoice.SelfMade selfMade ->
              Optional.of(TlsContext.open(made.orElseThrow().files()));
          case TlsChoice.Given(var files) -> Optional.of(TlsContext.open(files));
        };
    HomeVitals vitals = new HomeVitals(calco);
    ServerMetrics metrics = new ServerMetrics(vitals);
    AtomicReference<Optional<WebServer>> started = new AtomicReference<>(Optional.empty());
    HealthRoutes health =
        new HealthRoutes(
            vitals, room, () -> started.get().map(WebServer::isStopping).orElse(false));
    List<Routes> routes = new ArrayList<>(features);
    routes.add(health);
    routes.add(new OpenApiRoutes());
    routes.add(new MetricsRoutes(metrics, settings.watch()));
    try {
      WebServer web =
          WebServer.start(
              settings.http(),
              tls,
              List.of(metrics, new AccessLog(settings.watch().requests())),
              routes);
      started.set(Optional.of(web));
      return new Listening(web, metrics, health, made.map(SelfMadeCertificate::fingerprint));
    } catch (RuntimeException e) {
      try (metrics) {
        throw e;
      }
    }
  }

  /// What clients may call a server that listens there.
  private static Set<String> names(ListenAddress listen) throws IOException {
    Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
    boolean everywhere = listen.host().equals("0.0.0.0") || listen.host().equals("::");
    if (everywhere) {
      names.add(InetAddress.getLocalHost().getHostName());
      NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !address.isLinkLocalAddress())
          .forEach(address -> names.add(address.getHostAddress().replaceAll("%.*", "")));
    } else {
      names.add(listen.host());
    }
    return names;
  }

  /// `https://127.0.0.1:9292`.
  String address() {
    return web.scheme() + "://" + web.address();
  }

  Optional<String> fingerprint() {
    return fingerprint;
  }

  boolean isAlive() {
    return health.isAlive();
  }

  /// What is answered: methods and paths.
  List<String> routes() {
    return web.routes();
  }

  @Override
  public void close() {
    try (metrics) {
      web.close();
    }
  }
}
