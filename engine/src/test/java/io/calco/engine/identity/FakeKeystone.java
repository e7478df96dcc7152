package io.calco.engine.identity;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What of Identity API v3 a service asks, as a Keystone of version 22 answers it: users with
/// passwords, roles in projects, tokens that expire and may be asked about for two days more.
final class FakeKeystone implements AutoCloseable {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Duration ALLOWED_AFTER = Duration.ofDays(2);
  private static final JsonMapper JSON = new JsonMapper();

  Instant now = Instant.parse("2026-11-21T10:00:00Z");

  /// Roles by project, by user; each user's password is their name backwards.
  final Map<String, Map<String, List<String>>> users = new TreeMap<>();

  final Map<String, Given> tokens = new LinkedHashMap<>();
  final List<String> asked = new ArrayList<>();
  int failWith;
  private final HttpServer server;

  /// A token.
  ///
  /// @param project empty for none
  record Given(String user, String project, Instant end) {}

  FakeKeystone() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v3/", this::answer);
    server.start();
    users.put("calco", Map.of("service", List.of("service")));
  }

  static String password(String user) {
    return new StringBuilder(user).reverse().toString();
  }

  KeystoneSettings settings() {
    URI address = URI.create("http://127.0.0.1:%d/v3".formatted(server.getAddress().getPort()));
    return new KeystoneSettings(address, "calco", password("calco"), "service", "Default");
  }

  /// A token of a user in a project, made now.
  String token(String user, String project) {
    String token = "token-%d".formatted(tokens.size());
    tokens.put(token, new Given(user, project, now.plus(LIFE)));
    return token;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String what = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    asked.add(what);
    if (failWith != 0) {
      send(exchange, failWith, "{}");
    } else if (what.startsWith("POST /v3/auth/tokens")) {
      give(exchange, JSON.readTree(body).path("auth"));
    } else if (!isValid(exchange.getRequestHeaders().getFirst("X-Auth-Token"), Duration.ZERO)) {
      send(exchange, 401, "{\"error\": {\"code\": 401}}");
    } else if (what.startsWith("GET /v3/auth/projects")) {
      projects(exchange);
    } else if (what.startsWith("GET /v3/auth/tokens")) {
      tell(exchange, what.contains("allow_expired=1") ? ALLOWED_AFTER : Duration.ZERO);
    } else if (what.startsWith("DELETE /v3/auth/tokens")) {
      tokens.remove(exchange.getRequestHeaders().getFirst("X-Subject-Token"));
      send(exchange, 204, "");
    } else {
      send(exchange, 404, "{}");
    }
  }

  private boolean isValid(String token, Duration after) {
    Given given = tokens.get(token);
    return given != null && given.end().plus(after).isAfter(now);
  }

  private void give(HttpExchange exchange, JsonNode auth) throws IOException {
    JsonNode identity = auth.path("identity");
    String user = identity.path("password").path("user").path("name").asString("");
    String password = identity.path("password").path("user").path("password").asString("");
    boolean known = users.containsKey(user) && password.equals(password(user));
    if (identity.path("methods").path(0).asString("").equals("token")) {
      String id = identity.path("token").path("id").asString("");
      known = isValid(id, Duration.ZERO);
      user = known ? tokens.get(id).user() : "";
    }
    JsonNode scope = auth.path("scope").path("project");
    String project =
        scope.path("name").asString(scope.path("id").asString("").replaceFirst("-id$", ""));
    if (!known || !project.isEmpty() && !users.get(user).containsKey(project)) {
      send(exchange, 401, "{\"error\": {\"code\": 401}}");
      return;
    }
    String token = token(user, project);
    exchange.getResponseHeaders().add("X-Subject-Token", token);
    send(exchange, 201, text(tokens.get(token)));
  }

  private void tell(HttpExchange exchange, Duration after) throws IOException {
    String subject = exchange.getRequestHeaders().getFirst("X-Subject-Token");
    if (isValid(subject, after)) {
      send(exchange, 200, text(tokens.get(subject)));
    } else {
      send(exchange, 404, "{\"error\": {\"code\": 404}}");
    }
  }

  private void projects(HttpExchange exchange) throws IOException {
    String user = tokens.get(exchange.getRequestHeaders().getFirst("X-Auth-Token")).user();
    List<Map<String, Object>> all = new ArrayList<>();
    for (String project : users.get(user).keySet()) {
      all.add(Map.of("id", project + "-id", "name", project, "enabled", !project.equals("closed")));
    }
    send(exchange, 200, JSON.writeValueAsString(Map.of("projects", all)));
  }

  private String text(Given given) {
    Map<String, Object> token = new LinkedHashMap<>();
    token.put("expires_at", given.end().toString());
    token.put("user", Map.of("id", given.user() + "-id", "name", given.user()));
    if (!given.project().isEmpty()) {
      token.put("project", Map.of("id", given.project() + "-id", "name", given.project()));
      token.put(
          "roles",
          users.get(given.user()).get(given.project()).stream()
              .map(role -> Map.of("id", role, "name", role))
              .toList());
    }
    return JSON.writeValueAsString(Map.of("token", token));
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
