package io.calco.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.calco.engine.DemoDisk;
import io.calco.server.Served;
import io.calco.server.http.Json;
import io.calco.server.web.Browser.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every page that the menu leads to, and those behind its first links, as each kind of user sees
/// them: nothing is wider than the window, said by its key, or complained of by the browser; what
/// they look like is kept.
@TestInstance(Lifecycle.PER_CLASS)
class EveryPageTest {
  private static final String PASSWORD = "una contraseña larga";

  /// A key that has no text: `image.kin`.
  private static final String KEY =
      "\\b(image|images|new|jobs|templates|clones|machines|classes|backups|plans|storage|users|projects|account|audit|frame|project"
          + "|error|login)\\.[a-z]+";

  @TempDir private static Path home;
  private Served served;
  private Browser browser;

  @BeforeAll
  void open() throws IOException {
    served = new Served(home);
    Path disk = home.resolve("demo.qcow2");
    DemoDisk.unpack(disk);
    String admin = served.token("admin", Served.PASSWORD, "admin");
    String made =
        served
            .send("POST", "/identity/v3/projects", admin, "{\"project\": {\"name\": \"aula\"}}")
            .body();
    String project = Json.parse(made).path("project").path("id").asString();
    for (String role : List.of("member", "reader")) {
      user(admin, role, project);
    }
    String member = served.token("member", PASSWORD, "aula");
    served.image(member, "debian:12", "qcow2", Files.readAllBytes(disk));
    served.image(member, "debian:11", new byte[3 << 20]);
    served.image(admin, "windows:11", new byte[5 << 20]);
    for (String token : List.of(admin, member)) {
      served.send("POST", "/v2/images", token, "{\"name\": \"empty\"}");
    }
    browser = new Browser();
  }

  private void user(String admin, String role, String project) {
    String made =
        served
            .send(
                "POST",
                "/identity/v3/users",
                admin,
                "{\"user\": {\"name\": \"%s\", \"password\": \"%s\"}}".formatted(role, PASSWORD))
            .body();
    String user = Json.parse(made).path("user").path("id").asString();
    String roles = served.send("GET", "/identity/v3/roles?name=" + role, admin, "").body();
    String id = Json.parse(roles).path("roles").path(0).path("id").asString();
    served.send(
        "PUT",
        "/identity/v3/projects/%s/users/%s/roles/%s".formatted(project, user, id),
        admin,
        "");
  }

  @AfterAll
  void close() throws IOException {
    browser.close();
    served.close();
  }

  @ParameterizedTest
  @CsvSource({"admin, es-ES, 360", "member, en-GB, 1280", "reader, es-ES, 360"})
  void looksAsItShould(String user, String language, int width) {
    Window usual = width == 360 ? Window.PHONE : Window.DESK;
    Page page = browser.open(usual.in(language), served.address());
    page.navigate("/ui/login");
    page.locator("input[name=name]").fill(user);
    page.locator("input[name=password]").fill(user.equals("admin") ? Served.PASSWORD : PASSWORD);
    page.locator("form.fields button").click();
    page.waitForURL("**/ui/images*");
    List<String> paths = new ArrayList<>(links(page, ".menu a, .who-menu a"));
    assertThat(paths).contains("/ui/images", "/ui/jobs", "/ui/storage", "/ui/account");
    for (String path : List.copyOf(paths)) {
      page.navigate(path);
      links(page, "main .head a, main tbody a").stream()
          .filter(link -> !link.contains("?") && !paths.contains(link))
          .limit(3)
          .forEach(paths::add);
    }
    for (String path : paths) {
      assertThat(page.navigate(path).status()).as(path).isEqualTo(200);
      assertThat(Browser.overflows(page)).as(path).isFalse();
      assertThat(page.locator("main").innerText()).as(path).doesNotContainPattern(KEY);
      Browser.keep(
          page,
          "every-%s-%s-%d%s"
              .formatted(
                  user,
                  language.substring(0, 2),
                  width,
                  path.replaceFirst("/ui", "")
                      .replaceAll("[0-9a-f-]{36}", "ID")
                      .replace('/', '-')));
    }
    assertThat(browser.complaints()).isEmpty();
    page.close();
  }

  private static List<String> links(Page page, String selector) {
    return page.locator(selector).all().stream()
        .map(link -> String.valueOf(link.getAttribute("href")))
        .filter(link -> link.startsWith("/ui/") && !link.endsWith("/file"))
        .distinct()
        .toList();
  }
}
