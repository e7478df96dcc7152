package io.calco.server.tls;

import io.calco.server.settings.Setting;
import io.calco.server.settings.Settings;
import java.nio.file.Path;

/// Whether and how connections are encrypted.
public sealed interface TlsChoice {
  /// They are not.
  record Off() implements TlsChoice {}

  /// With a certificate that is made for a first try, and lies in the home.
  record SelfMade() implements TlsChoice {}

  /// With files.
  record Given(TlsFiles files) implements TlsChoice {}

  /// What was set.
  ///
  /// @throws io.calco.engine.OperationException of kind USAGE when something is missing, or cannot
  ///   be understood
  static TlsChoice of(Settings settings) {
    boolean named =
        settings.find(Setting.TLS_CERTIFICATE).isPresent()
            || settings.find(Setting.TLS_KEY).isPresent();
    String choice =
        settings.find(Setting.TLS).isPresent()
            ? settings.choice(Setting.TLS)
            : named ? "files" : "off";
    return switch (choice) {
      case "files" ->
          new Given(
              new TlsFiles(
                  Path.of(settings.get(Setting.TLS_CERTIFICATE)),
                  Path.of(settings.get(Setting.TLS_KEY)),
                  settings.duration(Setting.HSTS)));
      case "self-made" -> new SelfMade();
      default -> new Off();
    };
  }
}
