package io.calco.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Projects;
import io.calco.engine.identity.Role;
import io.calco.engine.identity.Users;
import io.calco.server.Served;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every route of the pages of work, as those who may not.
class WorkPolicyTest {
  private static final String PASSWORD = "una contraseña larga";
  private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");
  private static final List<String> SHOWN =
      List.of(
          "/templates",
          "/templates/new",
          "/templates/x",
          "/templates/x/delete",
          "/clones",
          "/clones/new",
          "/clones/x",
          "/clones/x/delete",
          "/clones/x/reset",
          "/machines",
          "/machines/new",
          "/machines/x",
          "/machines/x/picture",
          "/machines/x/delete",
          "/machines/x/console",
          "/classes",
          "/classes/x",
          "/classes/x/reset",
          "/users",
          "/users/x",
          "/users/x/delete",
          "/projects",
          "/projects/x/delete",
          "/backups",
          "/backups/repository?name=x",
          "/backups/machine?repository=x&name=x",
          "/backups/new",
          "/backups/points/x/x",
          "/backups/points/x/x/files",
          "/backups/points/x/x/file",
          "/backups/points/x/x/disk",
          "/backups/points/x/x/compare",
          "/backups/points/x/x/restore",
          "/backups/points/x/x/restore/plan",
          "/backups/points/x/x/forget",
          "/plans",
          "/plans/x",
          "/plans/x/stays",
          "/plans/new",
          "/plans/x/change",
          "/plans/x/delete",
          "/plans/runs/1",
          "/audit");
  private static final List<String> DONE =
      List.of(
          "/templates",
          "/templates/preview",
          "/templates/x/delete",
          "/clones",
          "/clones/x/delete",
          "/clones/x/reset",
          "/clones/x/flatten",
          "/machines",
          "/machines/x/start",
          "/machines/x/stop",
          "/machines/x/force-off",
          "/machines/x/delete",
          "/machines/x/console/screen/ticket",
          "/classes/x/start",
          "/classes/x/stop",
          "/classes/x/force-off",
          "/classes/x/reset",
          "/storage/collect",
          "/storage/verify",
          "/users",
          "/users/x/delete",
          "/users/x/enabled",
          "/users/x/password",
          "/users/x/roles",
          "/users/x/roles/revoke",
          "/projects",
          "/projects/x/enabled",
          "/projects/x/delete",
          "/backups/new",
          "/plans/x/run",
          "/plans/new",
          "/plans/preview",
          "/plans/x/change",
          "/plans/x/delete",
          "/backups/repositories/x/verify",
          "/backups/repositories/x/prune",
          "/backups/points/x/x/image",
          "/backups/points/x/x/hold",
          "/backups/points/x/x/release",
          "/backups/points/x/x/remarks",
          "/backups/points/x/x/restore",
          "/backups/points/x/x/forget");

  /// What a form needs so that nothing but the role is wrong with it.
  private static final String FIELDS =
      "&name=aula&disk=a.qcow2&operation=hostname&template=t&names=a&role=reader&project=x";

  @TempDir private static Path home;
  private static Served served;

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void open() throws IOException {
    served = new Served(home);
    try (Calco calco = Calco.open(new Home(home))) {
      Identity identity = new Identity(calco.catalog());
      var project = identity.projects().create(Projects.Wanted.named("aula"));
      for (Role role : List.of(Role.MEMBER, Role.READER)) {
        var user =
            identity
                .users()
                .create(
                    new Users.Wanted(role.text(), "", "", true, Optional.of(project.id())),
                    Optional.of(PASSWORD));
        identity.projects().assign(project, user, role);
      }
    }
  }

  @AfterAll
  static void close() throws IOException {
    served.close();
  }

  private HttpResponse<String> send(String session, String path, String form) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(served.address() + path));
    if (!session.isEmpty()) {
      request.header("Cookie", "calco-session=" + session);
    }
    if (!form.isEmpty()) {
      request
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(BodyPublishers.ofString(form));
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void whoIsNoAdministratorGetsNowhere() throws Exception {
    for (String user : List.of("member", "reader")) {
      String session = served.token(user, PASSWORD, "aula");
      Matcher csrf = CSRF.matcher(send(session, "/ui/account", "").body());
      assertThat(csrf.find()).isTrue();
      for (String path : SHOWN) {
        assertThat(send(session, "/ui" + path, "").statusCode())
            .as(user + " GET " + path)
            .isEqualTo(403);
      }
      for (String path : DONE) {
        assertThat(send(session, "/ui" + path, "csrf=" + csrf.group(1) + FIELDS).statusCode())
            .as(user + " POST " + path)
            .isEqualTo(403);
      }
      assertThat(send(session, "/ui/jobs/x", "").statusCode()).isEqualTo(404);
      assertThat(send(session, "/ui/jobs/x/cancel", "csrf=" + csrf.group(1)).statusCode())
          .isEqualTo(404);
    }
  }

  @Test
  void whoIsNoAdministratorSeesTheirProjectsStorageAlone() throws Exception {
    String admin = served.token("admin", Served.PASSWORD, "admin");
    served.image(admin, "theirs alone", new byte[100_000]);
    String session = served.token("reader", PASSWORD, "aula");
    String page = send(session, "/ui/storage", "").body();
    for (int i = 0; i < 500 && page.contains("being counted"); i++) {
      Thread.sleep(20);
      page = send(session, "/ui/storage", "").body();
    }
    assertThat(page)
        .contains("What the project aula has", "no content yet")
        .doesNotContain("theirs alone", "/storage/collect", "/storage/verify", "Packs");
    Matcher csrf = CSRF.matcher(page);
    assertThat(csrf.find()).isTrue();
    assertThat(send(session, "/ui/storage/refresh", "csrf=" + csrf.group(1)).statusCode())
        .isEqualTo(303);
  }

  @Test
  void whoIsNotLoggedInIsLedToTheLogin() throws Exception {
    for (String path : SHOWN) {
      HttpResponse<String> answer = send("", "/ui" + path, "");
      assertThat(answer.statusCode()).as(path).isEqualTo(303);
      assertThat(answer.headers().firstValue("Location").orElse("")).startsWith("/ui/login");
    }
  }

  @Test
  void aFormOfAnotherSiteDoesNothing() throws Exception {
    String session = served.token("admin", Served.PASSWORD, "admin");
    for (String path : DONE) {
      assertThat(send(session, "/ui" + path, "csrf=wrong" + FIELDS).statusCode())
          .as(path)
          .isEqualTo(403);
    }
  }
}
