package io.calco.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every route that the router has, as every role: what is private to a project is seen and changed
/// by nobody else, whatever they ask. A new route is in it by itself; one that answers without a
/// login must be added to [#OPEN].
class TenancyTest {
  private static final String V3 = "/identity/v3";

  /// In all that the project calls its own: nobody else may be told.
  private static final String MARK = "xq7-secret";

  /// Routes that answer whoever asks. They know of no project.
  private static final Set<String> OPEN =
      Set.of(
          "GET /",
          "GET /versions",
          "GET /healthz",
          "HEAD /healthz",
          "GET /healthz/live",
          "HEAD /healthz/live",
          "GET /healthz/ready",
          "HEAD /healthz/ready",
          "GET /metrics", // for this host alone, unless settings say otherwise
          "GET /openapi.json",
          "GET /identity",
          "GET /identity/v3",
          "POST /identity/v3/auth/tokens",
          "POST /identity/v3/users/{user}/password", // asks for the old one
          "GET /ui",
          "GET /ui/*", // what is not there
          "GET /ui/login",
          "POST /ui/login",
          "POST /ui/logout",
          "POST /ui/preferences",
          "GET /ui/static/*");

  @TempDir private Path home;

  private Served served;
  private String admin;
  private String alpha;
  private String beta;
  private String image;
  private final Map<String, String> tokens = new LinkedHashMap<>();

  @BeforeEach
  void start() throws IOException {
    served = new Served(home);
    admin = served.token("admin", Served.PASSWORD, "admin");
    alpha = made("/projects", "{\"project\": {\"name\": \"alpha\"}}");
    beta = made("/projects", "{\"project\": {\"name\": \"beta\"}}");
    user("alpha", alpha, "member");
    user("alpha", alpha, "reader");
    user("beta", beta, "member");
    user("beta", beta, "reader");
    String gone = served.token("beta-member", "pw", "beta");
    assertThat(send("DELETE", V3 + "/auth/tokens", gone, "", gone).statusCode()).isEqualTo(204);
    tokens.put("revoked", gone);
    tokens.put("unknown", "gAAAAA-no-token-at-all");
    tokens.put("nobody", "");
    image = UUID.randomUUID().toString();
    addImage(image, "private");
  }

  @AfterEach
  void stop() throws IOException {
    served.close();
  }

  private String made(String path, String body) {
    HttpResponse<String> answer = served.send("POST", V3 + path, admin, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    Matcher id = Pattern.compile("\"id\":\"([0-9a-f]{32})\"").matcher(answer.body());
    assertThat(id.find()).isTrue();
    return id.group(1);
  }

  private void user(String project, String projectId, String role) {
    String name = project + "-" + role;
    String id =
        made("/users", "{\"user\": {\"name\": \"%s\", \"password\": \"pw\"}}".formatted(name));
    String grant = V3 + "/projects/%s/users/%s/roles/%s".formatted(projectId, id, role);
    assertThat(served.send("PUT", grant, admin, "").statusCode()).isEqualTo(204);
    tokens.put(name, served.token(name, "pw", project));
  }

  private void addImage(String id, String visibility) {
    String body =
        """
        {"id": "%s", "name": "%2$s-name", "visibility": "%3$s", "tags": ["%2$s-tag"],
         "%2$s": "%2$s-value", "disk_format": "raw", "container_format": "bare"}
        """
            .formatted(id, MARK, visibility);
    String token = token("alpha-member");
    assertThat(send("POST", "/v2/images", token, "application/json", body).statusCode())
        .isEqualTo(201);
    assertThat(
            send("PUT", "/v2/images/" + id + "/file", token, "application/octet-stream", MARK)
                .statusCode())
        .isEqualTo(204);
  }

  private String token(String who) {
    return tokens.getOrDefault(who, "");
  }

  /// As a program and as a browser would: by header and by cookie.
  private HttpResponse<String> send(
      String method, String path, String token, String type, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(served.address() + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("X-Auth-Token", token).header("Cookie", "calco-session=" + token);
    }
    if (path.startsWith(V3 + "/auth/tokens")) {
      request.header("X-Subject-Token", token.isEmpty() ? "none" : token);
    }
    if (!body.isEmpty()) {
      request.header("Content-Type", type);
    }
    return served.send(request.build());
  }

  /// A route of the router.
  ///
  /// @param text as the router has it: `GET /v2/images/{image}`
  private record Route(String text) {
    String method() {
      return text.substring(0, text.indexOf(' '));
    }

    String path() {
      return text.substring(text.indexOf(' ') + 1);
    }

    boolean isOfImage() {
      return path().contains("{image}");
    }

    /// True when whoever asks is logged in no more afterwards.
    boolean endsSession() {
      return path().endsWith("/logout") || text.equals("DELETE " + V3 + "/auth/tokens");
    }
  }

  private List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (String text : new TreeSet<>(served.routes())) {
      routes.add(new Route(text));
    }
    assertThat(routes).hasSizeGreaterThan(90);
    routes.sort(Comparator.comparing(Route::endsSession));
    return routes;
  }

  /// Asks with that image in the place of any, and the other project in that of any.
  private HttpResponse<String> ask(Route route, String token, String imageId) {
    String path =
        route
            .path()
            .replace("{image}", imageId)
            .replace("{member}", beta)
            .replace("{project}", alpha)
            .replace("{tag}", MARK + "-tag")
            .replace("{store}", "calco")
            .replaceAll("\\{[a-z_-]+}|<[a-z_-]+>", "none")
            .replace("*", "none");
    boolean changes = Set.of("POST", "PUT", "PATCH").contains(route.method());
    String patch = "application/openstack-images-v2.1-json-patch";
    boolean patches = route.method().equals("PATCH") && route.isOfImage();
    boolean bytes = path.endsWith("/file") || path.endsWith("/stage");
    String type = patches ? patch : bytes ? "application/octet-stream" : "application/json";
    String body =
        !changes
            ? ""
            : patches
                ? "[{\"op\": \"replace\", \"path\": \"/name\", \"value\": \"changed\"}]"
                : "{\"member\": \"%s\", \"status\": \"accepted\", \"method\": {\"name\": \"glance-direct\"}}"
                    .formatted(beta);
    return send(route.method(), path, token, type, body);
  }

  private String state() {
    String member = token("alpha-member");
    return List.of("", "/members", "/file", "/tasks").stream()
        .map(part -> send("GET", "/v2/images/" + image + part, member, "", "").body())
        .toList()
        .toString();
  }

  @Test
  void withoutALoginNothingIsTold() {
    String before = state();
    List<String> open = new ArrayList<>();
    for (String who : List.of("nobody", "revoked", "unknown")) {
      for (Route route : routes()) {
        HttpResponse<String> answer = ask(route, token(who), image);
        String asked = who + ": " + route.text();
        assertThat(answer.body()).as(asked).doesNotContain(MARK);
        assertThat(answer.statusCode()).as(asked).isLessThan(500);
        if (!OPEN.contains(route.text()) && !isKeptOut(route, answer)) {
          open.add(asked + " " + answer.statusCode());
        }
      }
    }
    assertThat(open).as("routes that answer without a login, and are not declared open").isEmpty();
    assertThat(served.routes()).as("are declared open").containsAll(OPEN);
    assertThat(state()).isEqualTo(before);
  }

  /// Told to log in; or, as a form that was not asked for, refused.
  private static boolean isKeptOut(Route route, HttpResponse<String> answer) {
    String location = answer.headers().firstValue("Location").orElse("");
    return switch (answer.statusCode()) {
      case 401 -> true;
      case 303 -> location.contains("/login");
      case 403 -> route.path().startsWith("/ui/");
      default -> false;
    };
  }

  @Test
  void anotherProjectSeesAndChangesNothing() {
    String before = state();
    for (String who : List.of("beta-reader", "beta-member")) {
      for (Route route : routes()) {
        String asked = who + ": " + route.text();
        HttpResponse<String> answer = ask(route, token(who), image);
        assertThat(answer.statusCode()).as(asked).isLessThan(500);
        assertThat(answer.body().replace("\"" + MARK + "-tag\"", ""))
            .as(asked)
            .doesNotContain(MARK);
        if (route.isOfImage()) {
          assertThat(answer.statusCode()).as(asked + answer.body()).isGreaterThanOrEqualTo(400);
          checkSameAsNone(route, asked, answer, token(who));
        }
      }
    }
    assertThat(state()).isEqualTo(before);
  }

  /// What is not there for somebody is answered as what is not there at all.
  private void checkSameAsNone(
      Route route, String asked, HttpResponse<String> answer, String token) {
    String none = UUID.randomUUID().toString();
    HttpResponse<String> other = ask(route, token, none);
    assertThat(answer.statusCode()).as(asked).isEqualTo(other.statusCode());
    assertThat(answer.body().replace(image, "ID").replaceAll("req-[0-9a-f-]+", ""))
        .as(asked)
        .isEqualTo(other.body().replace(none, "ID").replaceAll("req-[0-9a-f-]+", ""));
  }

  @Test
  void noQueryFindsIt() {
    for (String who : List.of("beta-reader", "beta-member")) {
      for (String query :
          List.of(
              "visibility=all",
              "visibility=private",
              "visibility=shared&member_status=all",
              "owner=" + alpha,
              "id=in:" + image,
              "tag=" + MARK + "-tag",
              "name=" + MARK + "-name",
              MARK + "=" + MARK + "-value",
              "sort=name:asc&limit=1000",
              "os_hidden=true")) {
        HttpResponse<String> answer = send("GET", "/v2/images?" + query, token(who), "", "");
        assertThat(answer.statusCode()).as(query).isEqualTo(200);
        assertThat(answer.body()).as(query).contains("\"images\":[]");
      }
      String marker = "/v2/images?marker=";
      HttpResponse<String> theirs = send("GET", marker + image, token(who), "", "");
      String none = UUID.randomUUID().toString();
      HttpResponse<String> nowhere = send("GET", marker + none, token(who), "", "");
      assertThat(theirs.statusCode()).isEqualTo(nowhere.statusCode());
      assertThat(theirs.body().replace(image, "ID")).isEqualTo(nowhere.body().replace(none, "ID"));
    }
  }

  @Test
  void aReaderChangesNothingOfTheirOwn() {
    String before = state();
    for (Route route : routes()) {
      String asked = "alpha-reader: " + route.text();
      HttpResponse<String> answer = ask(route, token("alpha-reader"), image);
      assertThat(answer.statusCode()).as(asked).isLessThan(500);
      if (route.isOfImage() && !Set.of("GET", "HEAD").contains(route.method())) {
        assertThat(answer.statusCode()).as(asked + answer.body()).isGreaterThanOrEqualTo(400);
      }
    }
    assertThat(state()).isEqualTo(before);
  }

  @Test
  void membersAndAdministratorsMeetNoFault() {
    tokens.put("admin", admin);
    for (String who : List.of("alpha-member", "admin")) {
      String mine = UUID.randomUUID().toString();
      addImage(mine, "private");
      for (Route route : routes()) {
        if (route.path().startsWith(V3)) {
          continue; // IdentityRoutesTest has them
        }
        HttpResponse<String> answer = ask(route, token(who), mine);
        assertThat(answer.statusCode())
            .as(who + ": " + route.text() + " " + answer.body())
            .isNotEqualTo(500);
      }
    }
  }
}
