package io.calco.server.web.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.calco.engine.DemoDisk;
import io.calco.server.Served;
import io.calco.server.http.Json;
import io.calco.server.web.Browser;
import io.calco.server.web.Browser.Window;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The catalogue and an image's page, in a real browser.
class ImagePagesTest {
  @TempDir private static Path home;
  private static Served served;
  private static Browser browser;
  private static String token;
  private static Path disk;
  private static String debian;

  @BeforeAll
  static void open() throws Exception {
    served = new Served(home.resolve("home"));
    token = served.token("admin", Served.PASSWORD, "admin");
    disk = home.resolve("debian-12.qcow2");
    DemoDisk.unpack(disk);
    debian =
        add(
            """
            {"name": "debian-12", "disk_format": "qcow2", "container_format": "bare", "visibility": "public",
             "os_distro": "debian", "os_version": "12", "tags": ["linux", "small"], "hw_disk_bus": "virtio"}
            """);
    fill(debian, Files.readAllBytes(disk));
    for (int i = 0; i < 28; i++) {
      String id =
          add(
              """
              {"name": "node-%02d.example", "disk_format": "raw", "container_format": "bare",
               "visibility": "%s", "tags": ["n%d"]}
              """
                  .formatted(i, i % 2 == 0 ? "private" : "shared", i % 3));
      if (i % 4 != 0) {
        fill(id, new byte[1000 << i % 8]);
      }
    }
    add("{\"name\": \"<script>alert(1)</script>\", \"visibility\": \"private\"}");
    browser = new Browser();
  }

  private static String add(String attributes) {
    String body = served.send("POST", "/v2/images", token, attributes).body();
    return Json.parse(body).get("id").stringValue();
  }

  private static void fill(String id, byte[] content) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(served.address() + "/v2/images/" + id + "/file"))
              .header("X-Auth-Token", token)
              .header("Content-Type", "application/octet-stream")
              .PUT(BodyPublishers.ofByteArray(content))
              .build();
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(204);
    }
  }

  @AfterAll
  static void close() throws IOException {
    browser.close();
    served.close();
  }

  @AfterEach
  void pagesDoNotComplain() {
    assertThat(browser.complaints()).isEmpty();
  }

  private static Page open(Window window, String path) {
    Page page = browser.openLoggedIn(window, served.address());
    page.navigate("/ui" + path);
    return page;
  }

  private static Locator rows(Page page) {
    return page.locator("tbody tr");
  }

  @Test
  void theCatalogueIsSearchedFilteredSortedAndPaged() {
    Page page = open(Window.DESK, "/images");
    assertThat(rows(page).count()).isEqualTo(25);
    Browser.keep(page, "catalogue-en");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Next page")).click();
    assertThat(rows(page).count()).isEqualTo(5);
    page.navigate("/ui/images?sort=name&dir=asc");
    assertThat(rows(page).first().locator("a").first().textContent())
        .isEqualTo("<script>alert(1)</script>");
    page.locator("select[name=visibility]").selectOption("public");
    page.waitForURL("**visibility=public**");
    assertThat(rows(page).count()).isEqualTo(1);
    page.navigate("/ui/images");
    page.keyboard().press("/");
    page.keyboard().type("NODE-0");
    page.keyboard().press("Enter");
    page.waitForURL("**q=NODE-0**");
    assertThat(rows(page).count()).isEqualTo(10);
    page.navigate("/ui/images?tag=n1&status=active&q=node&format=raw");
    Browser.keep(page, "catalogue-filtered");
    assertThat(rows(page).count()).isEqualTo(7);
    page.navigate("/ui/images?os=debian&tag=small");
    assertThat(rows(page).count()).isEqualTo(1);
    page.close();
  }

  @Test
  void anImageShowsWhatItIs() throws IOException {
    Page page = open(Window.DESK, "/images/" + debian);
    page.waitForSelector(".disk .volumes");
    assertThat(page.locator("h1").textContent()).isEqualTo("debian-12");
    assertThat(page.locator(".strip .used").count()).isGreaterThan(2);
    assertThat(page.locator(".volumes").textContent()).contains("ext4").contains("/");
    assertThat(page.locator("time").first().textContent()).doesNotContain("UTC");
    Browser.keep(page, "image-en");
    Download exact =
        page.waitForDownload(() ->
            page.getByRole(
                    AriaRole.LINK,
                    new Page.GetByRoleOptions().setName("As it came qcow2").setExact(false))
                .click());
    assertThat(exact.suggestedFilename()).isEqualTo("debian-12.qcow2");
    assertThat(Files.mismatch(exact.path(), disk)).isEqualTo(-1);
    page.locator("select[name=format]").selectOption("vdi");
    Download vdi = page.waitForDownload(() -> page.locator("form.inline button").first().click());
    assertThat(vdi.suggestedFilename()).isEqualTo("debian-12.vdi");
    assertThat(Files.size(vdi.path())).isGreaterThan(1 << 20);
    page.close();
  }

  @Test
  void inTheDarkOnAPhoneAndWithoutScripts() {
    Page dark = open(Window.DESK.in("es").dark(), "/images/" + debian);
    dark.waitForSelector(".disk .volumes");
    Browser.keep(dark, "image-es-dark");
    dark.navigate("/ui/images");
    Browser.keep(dark, "catalogue-es-dark");
    dark.close();
    Page phone = open(Window.PHONE, "/images/" + debian);
    phone.waitForSelector(".disk .volumes");
    assertThat(Browser.overflows(phone)).isFalse();
    Browser.keep(phone, "image-phone");
    phone.navigate("/ui/images?q=node-1");
    assertThat(Browser.overflows(phone)).isFalse();
    Browser.keep(phone, "catalogue-phone");
    phone.navigate("/ui/images/" + debian + "/edit");
    assertThat(Browser.overflows(phone)).isFalse();
    Browser.keep(phone, "edit-phone");
    phone.close();
    Page plain = open(Window.DESK.withoutScripts(), "/images?q=node-2");
    assertThat(rows(plain).count()).isEqualTo(8);
    plain.locator("select[name=status]").selectOption("active");
    plain.locator(".filter-do").click();
    assertThat(rows(plain).count()).isEqualTo(6);
    plain.close();
  }

  @Test
  void anImageIsChangedSharedSetAsideAndDeleted() throws Exception {
    String id =
        add("{\"name\": \"old\", \"disk_format\": \"raw\", \"container_format\": \"bare\"}");
    fill(id, new byte[5000]);
    served.send("POST", "/identity/v3/projects", token, "{\"project\": {\"name\": \"friends\"}}");
    Page page = open(Window.DESK, "/images/" + id);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Change")).click();
    page.locator("input[name=name]").last().fill("new ñ");
    page.locator("input[name=tags]").fill("a, b ,a");
    page.locator("textarea").fill("os_distro = arch\nhw_cdrom_bus=sata\n");
    page.locator("input[name=protected]").check();
    Browser.keep(page, "edit-en");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Save")).click();
    assertThat(page.locator(".notice").textContent()).isEqualTo("The image was changed.");
    assertThat(page.locator("h1").textContent()).isEqualTo("new ñ");
    assertThat(page.locator("body").textContent()).contains("hw_cdrom_bus", "sata");
    assertThat(page.locator(".danger").count()).as("protected").isZero();

    page.locator("input[name=project]").fill("friends");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Share")).click();
    assertThat(page.locator(".members").textContent()).contains("friends", "has not answered");
    Browser.keep(page, "image-shared");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("End sharing")).click();
    assertThat(page.locator(".members").count()).isZero();

    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Deactivate")).click();
    assertThat(page.locator(".state.bad").textContent()).isEqualTo("Deactivated");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Activate again")).click();
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Change")).click();
    page.locator("input[name=protected]").uncheck();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Save")).click();
    page.locator(".danger").click();
    Browser.keep(page, "delete");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Delete the image"))
        .click();
    assertThat(page.locator(".notice").textContent()).isEqualTo("new ñ was deleted.");
    page.close();
  }
}
