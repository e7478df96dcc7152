package io.calco.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import io.calco.server.Served;
import io.calco.server.web.Browser.Window;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What all pages share, in a real browser: login, languages, looks, keyboard, phone.
class FrameTest {
  @TempDir private static Path home;
  private static Served served;
  private static Browser browser;

  @BeforeAll
  static void open() throws IOException {
    served = new Served(home);
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
    Page page = browser.open(window, served.address());
    page.navigate(path);
    return page;
  }

  @Test
  void theLanguageIsTheBrowsersUntilOneIsChosen() {
    Page page = open(Window.DESK.in("es-MX"), "/");
    assertThat(page.url()).endsWith("/ui/login?next=%2Fimages");
    assertThat(page.locator("html").getAttribute("lang")).isEqualTo("es");
    assertThat(page.title()).isEqualTo("Iniciar sesión · Calco");
    Browser.keep(page, "login-es");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("English")).click();
    assertThat(page.locator("html").getAttribute("lang")).isEqualTo("en");
    Browser.login(page);
    assertThat(page.title()).isEqualTo("Images · Calco");
    Browser.keep(page, "catalogue-empty-en");
    page.close();
  }

  @Test
  void theLookIsTheReadersUntilOneIsChosen() {
    Page page = open(Window.DESK.dark(), "/ui/login");
    Browser.keep(page, "login-dark");
    assertThat(background(page)).isEqualTo("rgb(18, 21, 29)");
    page.getByText("Light", new Page.GetByTextOptions().setExact(true)).click();
    assertThat(background(page)).isEqualTo("rgb(248, 246, 240)");
    page.close();
  }

  private static Object background(Page page) {
    return page.evaluate("getComputedStyle(document.body).backgroundColor");
  }

  @Test
  void aPhoneShowsAll() {
    Page page = open(Window.PHONE, "/ui/login");
    assertThat(Browser.overflows(page)).isFalse();
    Browser.keep(page, "login-phone");
    Browser.login(page);
    assertThat(Browser.overflows(page)).isFalse();
    Browser.keep(page, "catalogue-empty-phone");
    page.close();
  }

  @Test
  void theKeyboardIsEnough() {
    Page page = open(Window.DESK, "/ui/images");
    Browser.await(page, "document.activeElement.name === 'name'"); // the page puts it there
    page.keyboard().type("admin");
    page.keyboard().press("Tab");
    page.keyboard().type(Served.PASSWORD);
    page.keyboard().press("Enter");
    page.waitForURL("**/ui/images");
    page.keyboard().press("Tab");
    assertThat(page.evaluate("document.activeElement.className")).isEqualTo("skip");
    Browser.keep(page, "keyboard-skip");
    page.keyboard().press("Enter");
    assertThat(page.evaluate("document.activeElement.id")).isEqualTo("content");
    page.locator("details.who summary").focus();
    page.keyboard().press("Enter");
    Browser.keep(page, "keyboard-menu");
    for (int i = 0;
        i < 6 && !page.evaluate("document.activeElement.tagName").equals("BUTTON");
        i++) {
      page.keyboard().press("Tab");
    }
    page.keyboard().press("Enter");
    page.waitForURL("**/ui/login");
    assertThat(page.locator(".notice").textContent()).isEqualTo("You are logged out.");
    page.close();
  }

  @Test
  void aWrongPasswordIsToldWithoutSayingMore() {
    Page page = open(Window.DESK.withoutScripts(), "/ui/login?next=//evil.example/x");
    page.locator("input[name=name]").fill("<b>admin");
    page.locator("input[name=password]").fill("wrong");
    page.locator("form.fields button").click();
    assertThat(page.locator("[role=alert]").textContent())
        .isEqualTo("There is no such user with that password.");
    assertThat(page.locator("input[name=name]").inputValue()).isEqualTo("<b>admin");
    Browser.keep(page, "login-refused");
    Browser.login(page);
    assertThat(page.url()).as("no other site's address is gone to").endsWith("/ui/images");
    Response missing = page.navigate("/ui/nothing");
    assertThat(missing.status()).isEqualTo(404);
    Browser.keep(page, "error");
    page.close();
    browser.complaints(); // the statuses 401 and 404
  }
}
