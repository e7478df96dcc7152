package io.calco.server.web;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.ColorScheme;
import io.calco.server.Served;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A real browser without a window: Debian's chromium. What its pages complain of is kept, and what
/// they looked like lies in `target/screenshots` after the test.
///
/// Thread rule: confined to the thread that opened it.
public final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final int STEP_MILLIS = 50;

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;
  private final List<String> complaints = new ArrayList<>();
  private String loggedInAt = "";
  private String loggedIn = "";

  /// Starts it.
  public Browser() {
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")));
  }

  /// A window: who uses it, and on what.
  ///
  /// @param language as the browser asks for it: `es-ES`
  /// @param width in CSS pixels
  /// @param height in CSS pixels
  /// @param look what the reader prefers
  /// @param scripts whether they run
  public record Window(String language, int width, int height, ColorScheme look, boolean scripts) {
    /// A desk, in English.
    public static final Window DESK = new Window("en-GB", 1280, 860, ColorScheme.LIGHT, true);

    /// A phone, in Spanish.
    public static final Window PHONE = new Window("es-ES", 360, 740, ColorScheme.LIGHT, true);

    /// The same in another language.
    public Window in(String other) {
      return new Window(other, width, height, look, scripts);
    }

    /// The same in the dark.
    public Window dark() {
      return new Window(language, width, height, ColorScheme.DARK, scripts);
    }

    /// The same without scripts.
    public Window withoutScripts() {
      return new Window(language, width, height, look, false);
    }
  }

  /// A new page, in which nobody is logged in.
  ///
  /// @param address of the server, without a slash at the end
  public Page open(Window window, String address) {
    return open(window, address, new com.microsoft.playwright.Browser.NewContextOptions());
  }

  /// A new page, in which the administrator is logged in: as often as this is asked for, by one
  /// login.
  public Page openLoggedIn(Window window, String address) {
    if (!address.equals(loggedInAt)) {
      Page page = open(window, address);
      page.navigate("/ui/login");
      login(page);
      loggedIn = page.context().storageState();
      loggedInAt = address;
      page.context().close();
    }
    return open(
        window,
        address,
        new com.microsoft.playwright.Browser.NewContextOptions().setStorageState(loggedIn));
  }

  private Page open(
      Window window, String address, com.microsoft.playwright.Browser.NewContextOptions options) {
    BrowserContext context =
        browser.newContext(
            options
                .setBaseURL(address)
                .setLocale(window.language())
                .setTimezoneId("Europe/Madrid")
                .setViewportSize(window.width(), window.height())
                .setColorScheme(window.look())
                .setAcceptDownloads(true)
                .setIgnoreHTTPSErrors(true) // a certificate made for a first try
                .setJavaScriptEnabled(window.scripts()));
    context.setDefaultTimeout(TIMEOUT_MILLIS);
    Page page = context.newPage();
    page.onConsoleMessage(message -> complaints.add(message.type() + ": " + message.text()));
    page.onPageError(error -> complaints.add("error: " + error));
    return page;
  }

  /// Logs in on the page that asks for it, as the administrator.
  public static void login(Page page) {
    page.locator("input[name=name]").fill("admin");
    page.locator("input[name=password]").fill(Served.PASSWORD);
    page.locator("form.fields button").click();
    page.waitForURL(address -> !address.contains("/ui/login"));
  }

  /// What the pages wrote to the console since the last call: a breach of the
  /// Content-Security-Policy, for one.
  public List<String> complaints() {
    List<String> all = List.copyOf(complaints);
    complaints.clear();
    return all;
  }

  /// Keeps what a page looks like.
  public static void keep(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")).setFullPage(true));
  }

  /// Waits until something holds on a page. The browser's own way of waiting evaluates text, which
  /// the pages' policy refuses.
  ///
  /// @param condition in JavaScript
  public static void await(Page page, String condition) {
    for (int i = 0; i < TIMEOUT_MILLIS / STEP_MILLIS; i++) {
      if (holds(page, condition)) {
        return;
      }
      page.waitForTimeout(STEP_MILLIS);
    }
    throw new AssertionError("it never came true: " + condition);
  }

  private static boolean holds(Page page, String condition) {
    try {
      return Boolean.TRUE.equals(page.evaluate(condition));
    } catch (PlaywrightException e) {
      if (String.valueOf(e.getMessage()).contains("context was destroyed")) {
        return false; // the page is being left for another
      }
      throw e;
    }
  }

  /// Whether a page is wider than its window, so that it must be moved sideways.
  public static boolean overflows(Page page) {
    return (Boolean)
        page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth");
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
