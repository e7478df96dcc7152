package io.calco.server.web.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import io.calco.catalog.BlobUse;
import io.calco.catalog.Catalog;
import io.calco.catalog.ImageAlias;
import io.calco.catalog.ImageEntry;
import io.calco.engine.images.ContentCheck;
import io.calco.engine.images.ImageLimits;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.WebAddresses;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.http.ListenAddress;
import io.calco.server.web.Browser;
import io.calco.server.web.Browser.Window;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an image's page tells of its family, and of content on its way, in a real browser.
class ImageLifePagesTest {
  @TempDir private static Path home;
  private static Served served;
  private static Browser browser;

  @BeforeAll
  static void open() throws IOException {
    served =
        new Served(
            home,
            ServerSettings.at(new ListenAddress("127.0.0.1", 0))
                .withFirstPassword(Served.PASSWORD)
                .with(
                    new ImageService.Settings(
                        ImageLimits.defaults(),
                        ContentCheck.DECLARED,
                        new WebAddresses(Set.of("127.0.0.1")))));
    browser = new Browser();
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

  @Test
  void aFamilyShowsItsVersionsAndNames() throws Exception {
    String token = served.token("admin", Served.PASSWORD, "admin");
    int size = 0;
    for (String name : List.of("ubuntu:22.04", "ubuntu:24.04", "ubuntu:24.04", "ubuntu:24.10")) {
      size += 700_000;
      served.image(token, name, new byte[size]);
    }
    List<ImageEntry> made;
    try (Catalog catalog = Catalog.open(home)) {
      made = new ArrayList<>();
      for (BlobUse use : catalog.images().blobUses()) {
        made.add(catalog.images().find(use.imageId()).orElseThrow());
      }
      made.sort(Comparator.comparing(ImageEntry::createdAt));
      for (var alias :
          Map.of("ubuntu:lts", "ubuntu:24.04", "ubuntu:rolling", "ubuntu").entrySet()) {
        catalog
            .images()
            .putAlias(
                new ImageAlias(
                    made.getFirst().owner(),
                    alias.getKey(),
                    alias.getValue(),
                    false,
                    Instant.now()));
      }
    }
    Page page = open(Window.DESK, "/images/" + made.get(1).id());
    Locator versions = page.locator(".versions li");
    assertThat(versions.count()).isEqualTo(4);
    assertThat(versions.nth(0).textContent()).contains("ubuntu:24.10", "latest", "ubuntu:rolling");
    assertThat(versions.nth(1).textContent()).contains("ubuntu:24.04", "ubuntu:lts");
    assertThat(versions.nth(2).textContent()).contains("ubuntu:24.04", "replaced");
    assertThat(versions.nth(2).locator("[aria-current]").count()).isEqualTo(1);
    assertThat(page.locator(".kin-box.this").textContent()).contains("ubuntu:24.04");
    assertThat(page.locator("#lineage").textContent()).contains("Nothing on this host");
    Browser.keep(page, "image-versions");
    page.locator(".versions a").first().click();
    page.waitForURL("**/" + made.get(3).id());
    page.close();
    Page phone = open(Window.PHONE.dark(), "/images/" + made.get(2).id());
    assertThat(Browser.overflows(phone)).isFalse();
    Browser.keep(phone, "image-versions-phone-dark");
    phone.close();
  }

  @Test
  void fetchingShowsHowFarItIsAndStops() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    web.createContext(
        "/big.img",
        exchange -> {
          exchange.sendResponseHeaders(200, 400 << 20);
          try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < 150; i++) {
              out.write(new byte[1 << 20]);
            }
            out.flush();
            goOn.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    web.start();
    try {
      Page page = open(Window.DESK, "/images/new");
      page.locator("input[name=address]")
          .fill("http://127.0.0.1:%d/big.img".formatted(web.getAddress().getPort()));
      page.locator("form:has(input[name=address]) input[name=name]").fill("far");
      page.locator("form:has(input[name=address]) select[name=disk_format]").selectOption("raw");
      page.locator("form:has(input[name=address]) button.primary").click();
      Browser.await(page, "document.body.textContent.includes('150\u00a0MiB of 400\u00a0MiB')");
      Browser.await(page, "document.body.textContent.includes('s left')");
      assertThat(page.locator(".job-figures").textContent())
          .contains("150\u00a0MiB of 400\u00a0MiB", "/s", "left");
      Browser.keep(page, "image-fetching");
      String image = page.url();
      page.navigate("/ui/jobs");
      assertThat(page.locator(".fetches").textContent())
          .contains("far", "150\u00a0MiB of 400\u00a0MiB");
      Browser.keep(page, "jobs-fetching");
      Page phone = open(Window.PHONE, image.replaceFirst(".*/ui", ""));
      assertThat(Browser.overflows(phone)).isFalse();
      Browser.keep(phone, "image-fetching-phone");
      phone.close();
      page.locator(".fetches a").click();
      page.locator("#stop").focus();
      page.waitForTimeout(2500); // the page is drawn anew, and the button keeps the focus
      assertThat(page.evaluate("document.activeElement.id")).isEqualTo("stop");
      page.keyboard().press("Enter");
      Browser.await(page, "document.body.textContent.includes('Stopped by admin')");
      assertThat(page.locator(".problem").textContent()).contains("Stopped by admin");
      Browser.keep(page, "image-fetch-stopped");
      page.close();
    } finally {
      goOn.countDown();
      web.stop(0);
    }
  }
}
