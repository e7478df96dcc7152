package io.calco.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.server.Served;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The routes of Glance's own router (glance/api/v2/router.py, July 2026): each is here, and what
/// Glance refuses with 405 is refused so, with the same `Allow` but for HEAD and OPTIONS.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RouteTableTest {
  /// Path, and the methods that Glance's router gives it. It names POST alone where it refuses the
  /// others of `locations`, and GET is there as well. The cache's `clean` and `prune` could be ids.
  private static final String ROUTES =
      """
      /schemas/image GET
      /schemas/images GET
      /schemas/member GET
      /schemas/members GET
      /schemas/task GET
      /schemas/tasks GET
      /schemas/metadefs/namespace GET
      /schemas/metadefs/namespaces GET
      /schemas/metadefs/resource_type GET
      /schemas/metadefs/resource_types GET
      /schemas/metadefs/property GET
      /schemas/metadefs/properties GET
      /schemas/metadefs/object GET
      /schemas/metadefs/objects GET
      /schemas/metadefs/tag GET
      /schemas/metadefs/tags GET
      /metadefs/resource_types GET
      /metadefs/namespaces GET POST
      /metadefs/namespaces/N GET PUT DELETE
      /metadefs/namespaces/N/resource_types GET POST
      /metadefs/namespaces/N/resource_types/R DELETE
      /metadefs/namespaces/N/properties GET POST DELETE
      /metadefs/namespaces/N/properties/P GET PUT DELETE
      /metadefs/namespaces/N/objects GET POST DELETE
      /metadefs/namespaces/N/objects/O GET PUT DELETE
      /metadefs/namespaces/N/tags GET POST DELETE
      /metadefs/namespaces/N/tags/T GET POST PUT DELETE
      /images GET POST
      /images/I GET PATCH DELETE
      /images/I/tasks GET
      /images/I/import POST
      /images/I/actions/deactivate POST
      /images/I/actions/reactivate POST
      /images/I/file GET PUT
      /images/I/stage PUT
      /images/I/locations GET POST
      /images/I/tags/T PUT DELETE
      /images/I/members GET POST
      /images/I/members/M GET PUT DELETE
      /stores/S/I DELETE
      /tasks GET POST
      /tasks/T GET DELETE
      /info/import GET
      /info/stores GET
      /info/stores/detail GET
      /info/usage GET
      /cache GET DELETE
      /cache/I PUT DELETE
      /cache/nodes/I GET
      /cache/clean PUT DELETE POST
      /cache/prune PUT DELETE POST
      """;

  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE");

  private Served served;
  private String token = "";

  @BeforeAll
  void serve(@TempDir Path home) throws IOException {
    served = new Served(home);
    token = served.token("admin", Served.PASSWORD, "admin");
  }

  @AfterAll
  void stop() throws IOException {
    served.close();
  }

  private static List<List<String>> routes() {
    return ROUTES.lines().map(line -> Arrays.asList(line.split(" "))).toList();
  }

  @Test
  void answersTheMethodsOfEachPathAndRefusesAllOthers() {
    for (List<String> route : routes()) {
      String path = "/v2" + route.getFirst();
      List<String> allowed = route.subList(1, route.size());
      for (String method : METHODS) {
        HttpResponse<String> answer = served.send(method, path, token, "");
        if (allowed.contains(method)) {
          boolean refused = path.startsWith("/v2/tasks/") && method.equals("DELETE");
          assertThat(answer.statusCode() == 405).as(method + " " + path).isEqualTo(refused);
          assertThat(answer.body()).as(method + " " + path).doesNotContain("resource could not");
        } else {
          assertThat(answer.statusCode()).as(method + " " + path).isEqualTo(405);
          assertThat(allow(answer)).as(method + " " + path).isEqualTo(new TreeSet<>(allowed));
        }
      }
    }
  }

  private static Set<String> allow(HttpResponse<String> answer) {
    return Arrays.stream(answer.headers().firstValue("Allow").orElse("").split(", *"))
        .filter(METHODS::contains)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void nobodyGetsAnythingWithoutAToken() {
    for (List<String> route : routes()) {
      for (String method : route.subList(1, route.size())) {
        assertThat(served.send(method, "/v2" + route.getFirst(), "", "").statusCode())
            .as(method + " " + route.getFirst())
            .isEqualTo(401);
      }
    }
  }

  /// What Glance's policy gives to administrators alone.
  @Test
  void membersAreNoAdministrators() {
    String admin =
        """
        GET /tasks
        POST /tasks
        GET /tasks/T
        DELETE /tasks/T
        GET /info/stores/detail
        GET /cache
        DELETE /cache
        POST /cache/clean
        POST /cache/prune
        GET /cache/nodes/I
        POST /metadefs/namespaces
        """;
    served.send("POST", "/identity/v3/projects", token, "{\"project\": {\"name\": \"class\"}}");
    String project = idOf("projects", "class");
    served.send(
        "POST",
        "/identity/v3/users",
        token,
        "{\"user\": {\"name\": \"ana\", \"password\": \"ana's\"}}");
    String user = idOf("users", "ana");
    served.send(
        "PUT",
        "/identity/v3/projects/%s/users/%s/roles/member".formatted(project, user),
        token,
        "");
    String ana = served.token("ana", "ana's", "class");
    admin
        .lines()
        .map(line -> line.split(" "))
        .forEach(route ->
            assertThat(served.send(route[0], "/v2" + route[1], ana, "{}").statusCode())
                .as(String.join(" ", route))
                .isEqualTo(403));
  }

  private String idOf(String kind, String name) {
    String body = served.send("GET", "/identity/v3/" + kind + "?name=" + name, token, "").body();
    return body.replaceFirst("(?s).*\"id\":\"([0-9a-f]{32})\".*", "$1");
  }
}
