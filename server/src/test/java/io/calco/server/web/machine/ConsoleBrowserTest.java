package io.calco.server.web.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.settings.Settings;
import io.calco.server.web.Browser;
import io.calco.server.web.Browser.Window;
import io.calco.testkit.LibvirtServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The pages of machines in a browser, over TLS: there pages come by HTTP/2, and a console's
/// websocket must not.
@Timeout(600)
class ConsoleBrowserTest {
  private static final String CONNECTED = "document.querySelector('#console.is-open') !== null";

  @TempDir private static Path place;
  @TempDir private static Path home;
  private static LibvirtServer libvirt;
  private static Served served;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException {
    libvirt = LibvirtServer.start(place);
    served =
        new Served(
            home,
            ServerSettings.of(
                Settings.of(
                    Map.of(
                        "CALCO_LISTEN",
                        "127.0.0.1:0",
                        "CALCO_TLS",
                        "self-made",
                        "CALCO_ADMIN_PASSWORD",
                        Served.PASSWORD,
                        "CALCO_LIBVIRT",
                        libvirt.uri()))));
    browser = new Browser();
    Path disk = EchoMachine.disk(place.resolve("echo.raw"));
    EchoMachine.define(
        libvirt, "echo", disk, "<graphics type='vnc' port='-1' autoport='yes' passwd='secreto'/>");
    libvirt.virsh("start", "echo").succeeds();
  }

  @AfterAll
  static void stop() throws IOException {
    try (LibvirtServer _ = libvirt) {
      if (browser != null) {
        browser.close();
      }
      if (served != null) {
        served.close();
      }
    }
  }

  private static void keep(Page page, String name) {
    assertThat(Browser.overflows(page)).as(name).isFalse();
    Browser.keep(page, name);
  }

  @Test
  void theScreenIsShownAfterItsPassword() {
    Page page = browser.openLoggedIn(Window.DESK, served.address());
    page.navigate("/ui/machines/echo/console");
    page.locator("form[data-credentials] input").fill("secreto");
    page.locator("form[data-credentials] button").click();
    Browser.await(page, CONNECTED);
    Browser.await(page, "document.querySelector('#console canvas').width > 300");
    keep(page, "machine-console-screen");
    assertThat(browser.complaints()).isEmpty();
    page.close();
  }

  @Test
  void theSerialPortIsATerminal() {
    for (Window window : new Window[] {Window.DESK, Window.PHONE}) {
      Page page = browser.openLoggedIn(window, served.address());
      page.navigate("/ui/machines/echo/console?kind=serial");
      Browser.await(page, CONNECTED);
      for (String letter : "hola".split("")) {
        page.keyboard().type(letter);
      }
      Browser.await(
          page, "document.querySelector('#console .xterm-rows').textContent.includes('hola')");
      keep(page, "machine-console-serial-" + window.width());
      assertThat(browser.complaints()).isEmpty();
      page.close();
    }
  }

  @Test
  void aListShowsWhatHappensElsewhere() throws IOException {
    Path disk = EchoMachine.disk(place.resolve("live.raw"));
    Page page = browser.openLoggedIn(Window.PHONE, served.address());
    page.navigate("/ui/machines");
    Browser.await(page, "document.querySelector('img[data-picture]').naturalWidth > 300");
    assertThat(page.locator("#machines").innerText()).contains("echo", "En marcha");
    EchoMachine.define(libvirt, "live", disk, "");
    Browser.await(page, "document.querySelector('#machines').innerText.includes('live')");
    keep(page, "machines-360");
    page.locator("#start-list-live").click();
    assertThat(libvirt.virsh("domstate", "live").out()).startsWith("running");
    libvirt.virsh("destroy", "live").succeeds();
    Browser.await(page, "document.querySelector('#start-list-live') !== null");
    page.navigate("/ui/machines/live");
    page.locator("summary:has-text('XML')").click();
    keep(page, "machine-360");
    page.navigate("/ui/machines/live/console");
    keep(page, "machine-console-off");
    assertThat(browser.complaints()).isEmpty();
    page.close();
  }
}
