package io.calco.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.Catalog;
import io.calco.engine.identity.Identity;
import io.calco.server.Served;
import io.calco.server.http.Authentication;
import io.calco.testkit.Seeds;
import io.javalin.Javalin;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The Identity API as its clients meet it.
class IdentityRoutesTest {
  private static final String V3 = "/identity/v3";

  /// Every route, and what it answers to whom: nobody, a reader, a member, an administrator, each
  /// with a token of their own. `SELF` is the one who asks, `VICTIM` another user, `DEMO` the
  /// project of all but `CLOSED`'s nobody, `NEW` a name that nothing has.
  private static final String ROUTES =
      """
      GET    /identity                                              300 300 300 300
      GET    /identity/v3                                           200 200 200 200
      GET    /identity/v3/auth/tokens                               401 200 200 200
      HEAD   /identity/v3/auth/tokens                               401 200 200 200
      GET    /identity/v3/auth/projects                             401 200 200 200
      GET    /identity/v3/auth/domains                              401 200 200 200
      GET    /identity/v3/auth/catalog                              401 200 200 200
      GET    /identity/v3/domains                                   401 200 200 200
      GET    /identity/v3/domains/default                           401 200 200 200
      GET    /identity/v3/domains/other                             401 404 404 404
      GET    /identity/v3/regions                                   401 200 200 200
      GET    /identity/v3/services                                  401 403 403 200
      GET    /identity/v3/endpoints                                 401 403 403 200
      GET    /identity/v3/users                                     401 403 403 200
      POST   /identity/v3/users                                     401 403 403 201 {"user": {"name": "NEW"}}
      GET    /identity/v3/users/SELF                                401 200 200 200
      GET    /identity/v3/users/VICTIM                              401 403 403 200
      PATCH  /identity/v3/users/VICTIM                              401 403 403 200 {"user": {"description": "x"}}
      PATCH  /identity/v3/users/SELF                                401 403 403 200 {"user": {"description": "x"}}
      POST   /identity/v3/users/VICTIM/password                     401 401 401 401 {"user": {"password": "x", "original_password": "y"}}
      GET    /identity/v3/users/SELF/projects                       401 200 200 200
      GET    /identity/v3/users/VICTIM/projects                     401 403 403 200
      GET    /identity/v3/users/SELF/application_credentials        401 200 200 200
      GET    /identity/v3/users/VICTIM/application_credentials      401 403 403 200
      POST   /identity/v3/users/SELF/application_credentials        401 201 201 201 {"application_credential": {"name": "NEW"}}
      POST   /identity/v3/users/VICTIM/application_credentials      401 403 403 403 {"application_credential": {"name": "NEW"}}
      GET    /identity/v3/users/VICTIM/application_credentials/none 401 403 403 404
      DELETE /identity/v3/users/VICTIM/application_credentials/none 401 403 403 404
      GET    /identity/v3/projects                                  401 403 403 200
      POST   /identity/v3/projects                                  401 403 403 201 {"project": {"name": "NEW"}}
      GET    /identity/v3/projects/DEMO                             401 200 200 200
      GET    /identity/v3/projects/CLOSED                           401 403 403 200
      GET    /identity/v3/projects/none                             401 403 403 404
      PATCH  /identity/v3/projects/DEMO                             401 403 403 200 {"project": {"description": "x"}}
      GET    /identity/v3/roles                                     401 200 200 200
      GET    /identity/v3/roles/member                              401 200 200 200
      GET    /identity/v3/roles/none                                401 404 404 404
      GET    /identity/v3/role_assignments                          401 403 403 200
      GET    /identity/v3/role_assignments?user.id=SELF             401 200 200 200
      GET    /identity/v3/role_assignments?user.id=VICTIM           401 403 403 200
      GET    /identity/v3/projects/DEMO/users/SELF/roles            401 200 200 200
      GET    /identity/v3/projects/DEMO/users/VICTIM/roles          401 403 403 200
      PUT    /identity/v3/projects/DEMO/users/SELF/roles/admin      401 403 403 204
      PUT    /identity/v3/projects/CLOSED/users/SELF/roles/reader   401 403 403 204
      HEAD   /identity/v3/projects/DEMO/users/VICTIM/roles/reader   401 403 403 404
      GET    /identity/v3/projects/DEMO/users/VICTIM/roles/reader   401 403 403 404
      DELETE /identity/v3/projects/DEMO/users/VICTIM/roles/reader   401 403 403 404
      DELETE /identity/v3/projects/CLOSED                           401 403 403 204
      DELETE /identity/v3/users/VICTIM                              401 403 403 204
      DELETE /identity/v3/auth/tokens                               401 204 204 204
      POST   /identity/v3/auth/tokens                               400 400 400 400 {"auth": {}}
      """;

  @TempDir private static Path home;

  private static Served served;
  private static String admin;
  private static String demo;
  private static String closed;
  private static int names;

  @BeforeAll
  static void open() throws IOException {
    served = new Served(home);
    admin = served.token("admin", Served.PASSWORD, "admin");
    demo = created("/projects", "{\"project\": {\"name\": \"demo\"}}");
    closed = created("/projects", "{\"project\": {\"name\": \"closed\"}}");
  }

  @AfterAll
  static void close() throws IOException {
    served.close();
  }

  private static String created(String path, String body) {
    HttpResponse<String> answer = served.send("POST", V3 + path, admin, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return field(answer.body(), "id");
  }

  private static String field(String json, String name) {
    Matcher matcher = Pattern.compile("\"%s\":\"([^\"]*)\"".formatted(name)).matcher(json);
    assertThat(matcher.find()).as(name + " in " + json).isTrue();
    return matcher.group(1);
  }

  private static String newName() {
    return "name-" + names++;
  }

  private record Asker(String id, String name, String token) {}

  private static Asker asker(String role) {
    String name = newName();
    String id =
        created("/users", "{\"user\": {\"name\": \"%s\", \"password\": \"pw\"}}".formatted(name));
    grant(demo, id, role);
    return new Asker(id, name, served.token(name, "pw", "demo"));
  }

  private static void grant(String project, String user, String role) {
    assertThat(
            served
                .send(
                    "PUT",
                    V3 + "/projects/%s/users/%s/roles/%s".formatted(project, user, role),
                    admin,
                    "")
                .statusCode())
        .isEqualTo(204);
  }

  @Test
  void everyRouteAsEveryRole() {
    String victim = created("/users", "{\"user\": {\"name\": \"victim\"}}");
    String doomed = created("/projects", "{\"project\": {\"name\": \"doomed\"}}");
    List<Asker> askers = new ArrayList<>();
    askers.add(new Asker(victim, "", ""));
    for (String role : List.of("reader", "member", "admin")) {
      askers.add(asker(role));
    }
    List<String> wrong = new ArrayList<>();
    for (String line : ROUTES.lines().toList()) {
      String[] words = line.split(" +", 7);
      for (int i = 0; i < askers.size(); i++) {
        Asker asker = askers.get(i);
        String path =
            words[1]
                .replace("SELF", asker.id())
                .replace("VICTIM", victim)
                .replace("DEMO", demo)
                .replace("CLOSED", doomed);
        String body = words.length > 6 ? words[6].replace("NEW", newName()) : "";
        int status = served.send(words[0], path, asker.token(), body).statusCode();
        if (status != Integer.parseInt(words[2 + i])) {
          wrong.add("%s, asker %d: %d".formatted(line, i, status));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void theTableHasEveryRoute() throws IOException {
    try (Catalog catalog = Catalog.open(home)) {
      Identity identity = new Identity(catalog);
      Javalin javalin =
          Javalin.create(config ->
              new IdentityRoutes(identity, new Authentication(identity.tokens(), Optional.empty()))
                  .addTo(config.routes));
      TreeSet<String> missing = new TreeSet<>();
      javalin.unsafe.internalRouter.allHttpHandlers().stream()
          .filter(route -> route.endpoint.method.isHttpMethod())
          .forEach(route -> {
            boolean tried =
                ROUTES
                    .lines()
                    .map(line -> line.split(" +"))
                    .anyMatch(words ->
                        words[0].equals(route.endpoint.method.name())
                            && route.matches(words[1].replaceAll("\\?.*", "")));
            if (!tried) {
              missing.add(route.endpoint.method.name() + " " + route.endpoint.path);
            }
          });
      assertThat(missing).isEmpty();
    }
  }

  @Test
  void aTokenAsKeystoneShowsIt() {
    HttpResponse<String> answer = served.login("admin", Served.PASSWORD, "admin");
    assertThat(answer.statusCode()).isEqualTo(201);
    String moment = "\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.000000Z\"";
    assertThat(answer.body().replaceAll("\"[0-9a-f]{32}\"", "\"ID\"").replaceAll(moment, "\"T\""))
        .startsWith(
            """
            {"token":{"methods":["password"],"user":{"id":"ID","name":"admin","domain":{"id":"default",\
            "name":"Default"},"password_expires_at":null},"audit_ids":["\
            """)
        .contains(
            """
            "expires_at":"T","issued_at":"T","project":{"id":"ID","name":"admin","domain":{"id":"default",\
            "name":"Default"}},"is_domain":false,"roles":[{"id":"admin","name":"admin"},\
            {"id":"member","name":"member"},{"id":"reader","name":"reader"}],"catalog":[{"id":"image",\
            "type":"image","name":"glance","endpoints":[{"id":"image-public","interface":"public",\
            "region":"RegionOne","region_id":"RegionOne","url":"%s"},\
            """
                .formatted(served.address()));
    String token = answer.headers().firstValue("X-Subject-Token").orElseThrow();
    HttpResponse<String> told = served.send("GET", V3 + "/auth/tokens", token, "");
    assertThat(told.body()).isEqualTo(answer.body());
    assertThat(told.headers().firstValue("X-Subject-Token")).hasValue(token);
  }

  @Test
  void loginsAreRefusedAlike() {
    for (HttpResponse<String> answer :
        List.of(
            served.login("admin", "no", "admin"),
            served.login("nobody", "no", "admin"),
            served.login("admin", Served.PASSWORD, "nowhere"))) {
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body())
          .isEqualTo(
              """
              {"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}\
              """);
    }
  }

  @Test
  void guessingIsAnsweredLater() {
    HttpResponse<String> last = served.login("guessed", "0", "demo");
    for (int i = 1; i < 12; i++) {
      last = served.login("guessed", String.valueOf(i), "demo");
    }
    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(Integer.parseInt(last.headers().firstValue("Retry-After").orElse("")))
        .isBetween(1, 6);
  }

  @Test
  void aChangedPasswordEndsTokens() {
    Asker asker = asker("member");
    HttpResponse<String> changed =
        served.send(
            "POST",
            V3 + "/users/" + asker.id() + "/password",
            "",
            "{\"user\": {\"password\": \"new\", \"original_password\": \"pw\"}}");
    assertThat(changed.statusCode()).isEqualTo(204);
    assertThat(served.send("GET", V3 + "/auth/projects", asker.token(), "").statusCode())
        .isEqualTo(401);
    assertThat(served.login(asker.name(), "pw", "demo").statusCode()).isEqualTo(401);
    assertThat(served.login(asker.name(), "new", "demo").statusCode()).isEqualTo(201);
  }

  @Test
  void applicationCredentials() {
    Asker asker = asker("member");
    String path = V3 + "/users/" + asker.id() + "/application_credentials";
    HttpResponse<String> refused =
        served.send(
            "POST",
            path,
            asker.token(),
            "{\"application_credential\": {\"name\": \"a\", \"roles\": [{\"name\": \"admin\"}]}}");
    assertThat(refused.statusCode()).as("no role that the token has not").isEqualTo(400);
    assertThat(
            served
                .send(
                    "POST",
                    path,
                    asker.token(),
                    "{\"application_credential\": {\"name\": \"a\", \"access_rules\": [{\"path\": \"/\"}]}}")
                .statusCode())
        .as("no restriction is passed over")
        .isEqualTo(400);
    String made =
        served
            .send(
                "POST",
                path,
                asker.token(),
                "{\"application_credential\": {\"name\": \"a\", \"roles\": [{\"id\": \"reader\"}]}}")
            .body();
    String login =
        """
        {"auth": {"identity": {"methods": ["application_credential"], "application_credential":
          {"id": "%s", "secret": "%s"}}}}
        """
            .formatted(field(made, "id"), field(made, "secret"));
    HttpResponse<String> token = served.send("POST", V3 + "/auth/tokens", "", login);
    assertThat(token.body())
        .contains("\"roles\":[{\"id\":\"reader\",\"name\":\"reader\"}]")
        .contains("\"restricted\":true");
    String restricted = token.headers().firstValue("X-Subject-Token").orElseThrow();
    assertThat(
            served
                .send("POST", path, restricted, "{\"application_credential\": {\"name\": \"b\"}}")
                .statusCode())
        .isEqualTo(403);
    assertThat(served.send("GET", path, asker.token(), "").body()).doesNotContain("secret");
  }

  @Test
  void lists() {
    Map<String, String> asked = new LinkedHashMap<>();
    asked.put("/projects?name=demo", demo);
    asked.put("/projects?is_domain=true", "");
    asked.put("/projects?name=closed&enabled=true", closed);
    asked.put("/projects?enabled=false", "");
    asked.put("/users?domain_id=other", "");
    asked.put("/roles?name=member", "member");
    asked.put("/domains?name=Default", "default");
    asked.put("/domains?name=Other", "");
    asked.forEach((path, id) -> {
      String body = served.send("GET", V3 + path, admin, "").body();
      if (id.isEmpty()) {
        assertThat(body).as(path).contains(":[],\"links\":");
      } else {
        assertThat(field(body, "id")).as(path).isEqualTo(id);
      }
    });
  }

  /// Anything but the schema is the client's error, and never ours.
  @Test
  void hostileBodies() {
    List<String> templates =
        List.of(
            "{\"auth\": {\"identity\": {\"methods\": [X], \"password\": {\"user\": X}}}}",
            "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"name\": X, \"domain\": {\"id\": X}, \"password\": X}}}, \"scope\": X}}",
            "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": X}}, \"scope\": {\"project\": X}}}",
            "{\"auth\": {\"identity\": {\"methods\": [\"application_credential\"], \"application_credential\": {\"id\": X, \"name\": X, \"user\": X, \"secret\": X}}}}",
            "{\"user\": {\"name\": X, \"enabled\": X, \"options\": X, \"default_project_id\": X, \"password\": X}}",
            "{\"project\": {\"name\": X, \"parent_id\": X, \"description\": X}}",
            "{\"application_credential\": {\"name\": X, \"roles\": X, \"expires_at\": X, \"secret\": X}}");
    List<String> values =
        List.of(
            "null",
            "0",
            "-1e999",
            "true",
            "\"\"",
            "\"a\\u0000b\"",
            "\"\\ud800\"",
            "[]",
            "[[]]",
            "{}",
            "{\"id\": []}",
            "{\"id\": \"x\"}",
            "\"" + "y".repeat(9000) + "\"");
    String self = field(served.send("GET", V3 + "/auth/tokens", admin, "").body(), "id");
    List<String> paths =
        List.of(
            "/auth/tokens",
            "/users",
            "/projects",
            "/users/" + self + "/application_credentials",
            "/users/" + self + "/password");
    Seeds.run(
        150,
        random -> {
          String body = templates.get(random.nextInt(templates.size()));
          while (body.contains("X")) {
            body =
                body.replaceFirst(
                    "X", Matcher.quoteReplacement(values.get(random.nextInt(values.size()))));
          }
          String path = paths.get(random.nextInt(paths.size()));
          int status = served.send("POST", V3 + path, admin, body).statusCode();
          assertThat(status).as(path + " " + body).isIn(201, 400, 401, 403, 409, 429);
        });
  }
}
