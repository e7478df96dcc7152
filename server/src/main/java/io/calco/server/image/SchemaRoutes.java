package io.calco.server.image;

import io.calco.server.http.Authentication;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/// JSON schemas of what the API takes and gives. Clients read which attributes there are from them.
final class SchemaRoutes implements Routes {
  private final Authentication authentication;

  SchemaRoutes(Authentication authentication) {
    this.authentication = authentication;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    for (String name : List.of("image", "member", "task")) {
      JsonNode one = read(name);
      add(routes, name, one);
      add(routes, name + "s", collection(name + "s", one));
    }
    read("metadefs")
        .properties()
        .forEach(each -> addMetadef(routes, each.getKey(), each.getValue()));
  }

  /// Definitions' schemas are listed by their paths; those in the plural are collections.
  private void addMetadef(RoutesConfig routes, String path, JsonNode one) {
    String name = one.get("name").stringValue();
    add(routes, "metadefs/" + path, one);
    String plural = path.equals("property") ? "properties" : path + "s";
    String plurals = path.equals("property") ? "properties" : name + "s";
    add(routes, "metadefs/" + plural, collection(plurals, one));
  }

  private void add(RoutesConfig routes, String name, Object schema) {
    routes.get(
        ImageApi.PREFIX + "/schemas/" + name,
        request -> {
          authentication.caller(request);
          Json.answer(request, HttpStatus.OK, schema);
        });
  }

  private static JsonNode read(String name) {
    try (InputStream in =
        Objects.requireNonNull(SchemaRoutes.class.getResourceAsStream(name + "-schema.json"))) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> collection(String name, JsonNode one) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put(name, Map.of("type", "array", "items", one));
    List<Map<String, String>> links = new ArrayList<>();
    if (!name.equals("members")) {
      properties.put("first", Map.of("type", "string"));
      properties.put("next", Map.of("type", "string"));
      links.add(Map.of("rel", "first", "href", "{first}"));
      links.add(Map.of("rel", "next", "href", "{next}"));
    }
    properties.put("schema", Map.of("type", "string"));
    links.add(Map.of("rel", "describedby", "href", "{schema}"));
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("name", name);
    schema.put("properties", properties);
    schema.put("links", links);
    return schema;
  }
}
