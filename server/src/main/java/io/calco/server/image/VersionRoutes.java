package io.calco.server.image;

import io.calco.server.http.Addresses;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.List;
import java.util.Map;

/// `GET /` and `GET /versions`: which versions of the API there are.
final class VersionRoutes implements Routes {
  private static final List<String> VERSIONS =
      List.of(
          "2.18", "2.17", "2.16", "2.15", "2.14", "2.13", "2.12", "2.11", "2.10", "2.9", "2.8",
          "2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0");

  @Override
  public void addTo(RoutesConfig routes) {
    routes
        .get("/", request -> answer(request, HttpStatus.MULTIPLE_CHOICES))
        .get("/versions", request -> answer(request, HttpStatus.OK));
  }

  private static void answer(Context request, HttpStatus status) {
    String link = Addresses.base(request) + ImageApi.PREFIX + "/";
    List<Map<String, Object>> versions =
        VERSIONS.stream()
            .map(version ->
                Map.<String, Object>of(
                    "id",
                    "v" + version,
                    "status",
                    version.equals(VERSIONS.getFirst()) ? "CURRENT" : "SUPPORTED",
                    "links",
                    List.of(Map.of("rel", "self", "href", link))))
            .toList();
    Json.answer(request, status, Map.of("versions", versions));
  }
}
