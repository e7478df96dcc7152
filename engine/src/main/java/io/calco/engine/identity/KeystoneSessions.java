package io.calco.engine.identity;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Sessions of the users of an external Keystone, with tokens that it gives (Identity API v3).
///
/// Thread rule: safe for several threads.
public final class KeystoneSessions implements Sessions {
  private static final String TOKEN = "X-Auth-Token";
  private static final String SUBJECT = "X-Subject-Token";

  /// Ours: a user who has more chooses among the first.
  private static final int PROJECTS_MAX = 1000;

  private final Keystone keystone;
  private final LoginLimit limit = new LoginLimit(InstantSource.system());

  /// Sessions of its users.
  public KeystoneSessions(Keystone keystone) {
    this.keystone = keystone;
  }

  @Override
  public Start begin(Typed typed, String address) throws IOException {
    String domain = typed.domain().isEmpty() ? keystone.settings().domain() : typed.domain();
    String who = domain + "\n" + typed.name();
    Optional<Duration> wait = limit.take(who, address);
    if (wait.isPresent()) {
      return new Start.TooMany(wait.get());
    }
    Map<String, Object> user =
        Map.of(
            "name", typed.name(),
            "domain", Map.of("name", domain),
            "password", typed.password());
    Optional<Given> given =
        token(Map.of("methods", List.of("password"), "password", Map.of("user", user)), Map.of());
    if (given.isEmpty()) {
      return new Start.Refused();
    }
    limit.giveBack(who, address);
    return new Start.Begun(
        given.get().inProject() ? given.get().token() : inOnlyProject(given.get().token()));
  }

  private String inOnlyProject(String token) throws IOException {
    List<Caller.Scope> projects = projects(token);
    return projects.size() == 1 ? enter(token, projects.getFirst().id()).orElse(token) : token;
  }

  private record Given(String token, boolean inProject) {}

  /// Empty when Keystone refuses.
  private Optional<Given> token(Map<String, Object> identity, Map<String, Object> scope)
      throws IOException {
    Map<String, Object> auth = new HashMap<>();
    auth.put("identity", identity);
    if (!scope.isEmpty()) {
      auth.put("scope", scope);
    }
    HttpResponse<InputStream> answer = keystone.askForToken(auth);
    try (InputStream body = answer.body()) {
      Optional<String> token = answer.headers().firstValue(SUBJECT);
      if (answer.statusCode() == 201 && token.isPresent()) {
        boolean inProject = keystone.json(body).path("token").path("project").isObject();
        return Optional.of(new Given(token.get(), inProject));
      }
      return switch (answer.statusCode()) {
        case 400, 401, 403 -> Optional.empty();
        default -> throw keystone.failed("a login", answer.statusCode());
      };
    }
  }

  @Override
  public Optional<String> usualDomain() {
    return Optional.of(keystone.settings().domain());
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(URI.create(keystone.settings().address() + path))
        .header(TOKEN, token);
  }

  @Override
  public List<Caller.Scope> projects(String token) throws IOException {
    if (find(token).isEmpty()) {
      return List.of();
    }
    HttpResponse<InputStream> answer = keystone.send(request("/auth/projects", token));
    try (InputStream body = answer.body()) {
      if (answer.statusCode() == 401) {
        return List.of();
      }
      if (answer.statusCode() != 200) {
        throw keystone.failed("a user's projects", answer.statusCode());
      }
      List<Caller.Scope> projects = new ArrayList<>();
      for (JsonNode project : keystone.json(body).path("projects")) {
        if (project.path("enabled").asBoolean(true) && projects.size() < PROJECTS_MAX) {
          projects.add(
              new Caller.Scope(
                  keystone.required(project, "id"), keystone.required(project, "name")));
        }
      }
      projects.sort(Comparator.comparing(Caller.Scope::name));
      return projects;
    }
  }

  @Override
  public Optional<String> enter(String token, String projectId) throws IOException {
    // The old token is left to its end: what was got with it may go with it.
    return token(
            Map.of("methods", List.of("token"), "token", Map.of("id", token)),
            Map.of("project", Map.of("id", projectId)))
        .map(Given::token);
  }

  @Override
  public void end(String token) throws IOException {
    if (find(token).isEmpty()) {
      return;
    }
    keystone.forget(token);
    HttpResponse<InputStream> answer =
        keystone.send(request("/auth/tokens", token).header(SUBJECT, token).DELETE());
    answer.body().close();
  }

  @Override
  public Optional<Caller> find(String token) throws IOException {
    return keystone.find(token);
  }
}
