package io.calco.server.web.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.calco.server.Served;
import io.calco.server.http.Json;
import io.calco.server.web.Browser;
import io.calco.server.web.Browser.Window;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Uploads from a real browser: cut, gone on with, and without scripts.
class UploadPagesTest {
  private static final int SIZE = 24 << 20;
  private static final int PART = 3 << 20;
  private static final long PAUSE_NANOS = 300_000_000;

  @TempDir private static Path directory;
  private static Served served;
  private static Browser browser;
  private static Path file;

  @BeforeAll
  static void open() throws IOException {
    served = new Served(directory.resolve("home"));
    browser = new Browser();
    byte[] content = new byte[SIZE];
    new Random(1).nextBytes(content);
    file = directory.resolve("disco.img");
    Files.write(file, content);
  }

  @AfterAll
  static void close() throws IOException {
    browser.close();
    served.close();
  }

  private static Page open(Window window) {
    Page page = browser.openLoggedIn(window, served.address());
    page.navigate("/ui/images/new");
    return page;
  }

  /// Has the page send small parts, one after the other with a while between, and keeps all after
  /// the first few from leaving, but for the next one, which may leave when the page is closed.
  private static void hold(Page page, int parts) {
    page.evaluate("n => document.querySelector('form[data-upload]').dataset.part = n", PART);
    AtomicInteger left = new AtomicInteger(parts);
    page.route(
        "**/*",
        route -> {
          boolean part = route.request().method().equals("PATCH");
          if (!part || left.getAndDecrement() > 0) {
            LockSupport.parkNanos(part ? PAUSE_NANOS : 0);
            route.resume();
          }
        });
  }

  private static String sha256(Path path) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path)));
  }

  @Test
  void anUploadGoesOnAfterTheLaptopWasClosedAndTheServerStopped() throws Exception {
    Page page = open(Window.DESK);
    Browser.keep(page, "new-en");
    page.locator("form[data-upload] input[name=tags]").fill("cut");
    page.locator("input[type=file]").setInputFiles(file);
    assertThat(page.locator("form[data-upload] select[name=disk_format]").inputValue())
        .isEqualTo("raw");
    hold(page, 4);
    page.locator("[data-do=send]").click();
    Browser.await(page, "document.querySelector('form[data-upload] progress').value >= 500");
    Browser.await(page, "document.querySelector('.progress').textContent.includes('/s')");
    Browser.keep(page, "upload-progress");
    page.close(new Page.CloseOptions().setRunBeforeUnload(false));

    int port = URI.create(served.address()).getPort();
    served.close();
    served = new Served(directory.resolve("home"), port);

    Page later = open(Window.DESK.in("es"));
    assertThat(later.locator(".unfinished").textContent())
        .contains("disco.img", "\u00a0MiB de 24\u00a0MiB");
    Browser.keep(later, "upload-unfinished");
    later.locator("input[type=file]").setInputFiles(file);
    later.locator("[data-do=send]").click();
    later.waitForURL(address -> address.matches(".*/ui/images/[0-9a-f-]{36}"));
    later.waitForSelector(".hashes");
    assertThat(later.locator(".hashes").textContent()).contains(sha256(file));
    assertThat(later.locator("h1").textContent()).isEqualTo("disco.img");
    later.close();
    browser.complaints(); // what the cut connection did
  }

  @Test
  void anUploadIsGivenUp() {
    Page page = open(Window.PHONE);
    assertThat(Browser.overflows(page)).isFalse();
    page.locator("form[data-upload] input[name=name]").fill("given up");
    page.locator("input[type=file]").setInputFiles(file);
    hold(page, 2);
    page.locator("[data-do=send]").click();
    Browser.await(page, "document.querySelector('form[data-upload] progress').value > 20");
    Browser.keep(page, "upload-phone");
    page.locator("[data-do=pause]").click();
    assertThat(page.locator(".progress").textContent()).contains("En pausa.");
    page.locator("[data-do=cancel]").click();
    Browser.await(page, "!document.querySelector('[data-do=send]').hidden");
    page.navigate("/ui/images?q=given");
    assertThat(page.locator("tbody tr").count()).isZero();
    page.close();
    browser.complaints(); // requests that were aborted
  }

  @Test
  void withoutScriptsAFileComesInOnePiece() throws Exception {
    Page page = open(Window.DESK.withoutScripts());
    Path small = directory.resolve("small.raw");
    byte[] content = new byte[300_000];
    new Random(2).nextBytes(content);
    byte[] odd = "\r\n--\r\n------WebKitFormBoundary".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(odd, 0, content, 130_000, odd.length);
    Files.write(small, content);
    page.locator("form[data-upload] input[name=name]").fill("ñandú");
    page.locator("form[data-upload] select[name=disk_format]").selectOption("raw");
    page.locator("input[type=file]").setInputFiles(small);
    page.locator("[data-do=send]").click();
    assertThat(page.locator(".notice").textContent()).isEqualTo("The image is here.");
    assertThat(page.locator("h1").textContent()).isEqualTo("ñandú");
    assertThat(page.locator(".hashes").textContent()).contains(sha256(small));
    page.close();
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void anAddressThatMayNotBeFetchedIsToldOnTheImagesPage() {
    Page page = open(Window.DESK);
    page.locator("input[name=address]").fill("http://127.0.0.1:1/x.img");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Fetch")).click();
    page.waitForSelector(".problem:visible, .eyebrow");
    Browser.keep(page, "fetch-refused");
    page.close();
    browser.complaints(); // the status of the refusal
    String token = served.token("admin", Served.PASSWORD, "admin");
    String list = served.send("GET", "/v2/images?name=x.img", token, "").body();
    assertThat(Json.parse(list).get("images").size()).isLessThanOrEqualTo(1);
  }
}
