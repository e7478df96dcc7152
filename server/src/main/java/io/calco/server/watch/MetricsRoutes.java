package io.calco.server.watch;

import io.calco.server.http.ApiException;
import io.calco.server.http.Routes;
import io.calco.server.watch.WatchSettings.MetricsReaders;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;

/// `GET /metrics`, for those who may read it.
public final class MetricsRoutes implements Routes {
  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final String BEARER = "Bearer ";

  private final ServerMetrics metrics;
  private final MetricsReaders readers;

  /// For these readers.
  public MetricsRoutes(ServerMetrics metrics, WatchSettings settings) {
    this.metrics = metrics;
    this.readers = settings.readers();
  }

  @Override
  public void addTo(RoutesConfig routes) {
    if (!(readers instanceof MetricsReaders.Nobody)) {
      routes.get("/metrics", this::tell);
    }
  }

  private void tell(Context request) {
    switch (readers) {
      case MetricsReaders.Nobody nobody -> throw forbidden();
      case MetricsReaders.Loopback loopback -> {
        if (!isHere(request)) {
          throw forbidden();
        }
      }
      case MetricsReaders.Bearer(String token) -> {
        String given = String.valueOf(request.header("Authorization"));
        byte[] expected = (BEARER + token).getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expected)) {
          throw new ApiException(
              HttpStatus.UNAUTHORIZED,
              "The metrics are for who has their token.",
              Map.of("WWW-Authenticate", "Bearer"));
        }
      }
    }
    request
        .header("Cache-Control", "no-store")
        .contentType(TYPE)
        .result(metrics.scrape().getBytes(StandardCharsets.UTF_8));
  }

  private static ApiException forbidden() {
    return new ApiException(
        HttpStatus.FORBIDDEN, "The metrics are read on the server itself, or with a token.");
  }

  /// Whether the client is on this machine. A proxy there that is not known as one shows itself by
  /// what it adds.
  private static boolean isHere(Context request) {
    boolean passedOn =
        List.of("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP").stream()
            .anyMatch(name -> request.header(name) != null);
    try {
      return !passedOn && InetAddress.ofLiteral(request.ip()).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
