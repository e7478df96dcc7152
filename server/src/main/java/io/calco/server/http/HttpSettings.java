package io.calco.server.http;

import io.calco.server.settings.Setting;
import io.calco.server.settings.Settings;
import java.time.Duration;

/// How the server takes requests.
///
/// @param listen where
/// @param proxies whose word about clients counts
/// @param requestsPerMinute of one address; 0 for any number
/// @param connectionsMax how many may be open; further ones wait
/// @param idleTimeout after which a connection on which nothing moves is closed
/// @param headerMaxBytes how large the head of a request may be
/// @param stopTimeout how long requests that run when the server is stopped may take to end
public record HttpSettings(
    ListenAddress listen,
    TrustedProxies proxies,
    int requestsPerMinute,
    int connectionsMax,
    Duration idleTimeout,
    int headerMaxBytes,
    Duration stopTimeout) {
  private static final int HEADER_MAX = 1 << 20;
  private static final Duration IDLE_MAX = Duration.ofDays(1);

  /// The defaults, at an address.
  public static HttpSettings at(ListenAddress listen) {
    Settings none = Settings.none();
    HttpSettings defaults = of(none);
    return new HttpSettings(
        listen,
        defaults.proxies,
        defaults.requestsPerMinute,
        defaults.connectionsMax,
        defaults.idleTimeout,
        defaults.headerMaxBytes,
        defaults.stopTimeout);
  }

  /// What was set.
  ///
  /// @throws io.calco.engine.OperationException of kind USAGE when something cannot be understood
  public static HttpSettings of(Settings settings) {
    long header = settings.size(Setting.HEADER_MAX);
    if (header < 1024 || header > HEADER_MAX) {
      throw settings.refused(Setting.HEADER_MAX, "is not between 1K and 1M");
    }
    Duration idle = settings.duration(Setting.IDLE_TIMEOUT);
    if (idle.isZero() || idle.compareTo(IDLE_MAX) > 0) {
      throw settings.refused(Setting.IDLE_TIMEOUT, "is not between 1s and 1d");
    }
    int connections = settings.number(Setting.CONNECTIONS_MAX);
    if (connections == 0) {
      throw settings.refused(Setting.CONNECTIONS_MAX, "lets nobody in");
    }
    return new HttpSettings(
        settings.parse(Setting.LISTEN, ListenAddress::parse),
        settings.find(Setting.TRUSTED_PROXIES).isEmpty()
            ? TrustedProxies.NONE
            : settings.parse(
                Setting.TRUSTED_PROXIES,
                text -> TrustedProxies.parse(settings.list(Setting.TRUSTED_PROXIES))),
        settings.number(Setting.REQUESTS_PER_MINUTE),
        connections,
        idle,
        Math.toIntExact(header),
        settings.duration(Setting.STOP_TIMEOUT));
  }
}
