package io.calco.server.watch;

import io.calco.server.settings.Setting;
import io.calco.server.settings.Settings;
import java.util.Optional;

/// What those who run the server see of it.
///
/// @param readers who may read the metrics
/// @param requests which requests are logged
public record WatchSettings(MetricsReaders readers, Requests requests) {
  /// Who may read the metrics.
  public sealed interface MetricsReaders {
    /// Nobody.
    record Nobody() implements MetricsReaders {}

    /// Whoever asks from this machine.
    record Loopback() implements MetricsReaders {}

    /// Whoever has a token.
    record Bearer(String token) implements MetricsReaders {
      @Override
      public String toString() {
        return "Bearer";
      }
    }
  }

  /// Which requests are logged.
  public enum Requests {
    /// Every one.
    ALL,
    /// Those answered with 400 or more.
    FAILURES,
    /// None.
    OFF
  }

  /// What was set.
  ///
  /// @throws io.calco.engine.OperationException of kind USAGE when something is missing, or cannot
  ///   be understood
  public static WatchSettings of(Settings settings) {
    return new WatchSettings(
        readers(settings),
        switch (settings.choice(Setting.ACCESS_LOG)) {
          case "failures" -> Requests.FAILURES;
          case "off" -> Requests.OFF;
          default -> Requests.ALL;
        });
  }

  private static MetricsReaders readers(Settings settings) {
    Optional<String> token = settings.find(Setting.METRICS_TOKEN);
    String choice =
        settings.find(Setting.METRICS).isPresent()
            ? settings.choice(Setting.METRICS)
            : token.isPresent() ? "token" : "loopback";
    return switch (choice) {
      case "off" -> new MetricsReaders.Nobody();
      case "token" -> new MetricsReaders.Bearer(settings.get(Setting.METRICS_TOKEN));
      default -> new MetricsReaders.Loopback();
    };
  }
}
