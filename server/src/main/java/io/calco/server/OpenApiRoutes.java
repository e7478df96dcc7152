package io.calco.server;

import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/// `GET /openapi.json`: what is ours, as an OpenAPI 3.1 document. What is OpenStack's is described
/// by OpenStack, and is not in it. The document is kept by hand, and a test compares it with the
/// routes and its examples with its schemas.
final class OpenApiRoutes implements Routes {
  private final byte[] document;

  OpenApiRoutes() {
    try (InputStream in =
        Objects.requireNonNull(OpenApiRoutes.class.getResourceAsStream("openapi.json"))) {
      document = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/openapi.json", this::tell);
  }

  private void tell(Context request) {
    request.contentType("application/json").result(document);
  }
}
