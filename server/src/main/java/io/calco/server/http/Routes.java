package io.calco.server.http;

import io.javalin.config.RoutesConfig;

/// What a feature answers: its paths and methods, each with its handler.
@FunctionalInterface
public interface Routes {
  /// Adds them. Called once, before the server listens.
  void addTo(RoutesConfig routes);
}
