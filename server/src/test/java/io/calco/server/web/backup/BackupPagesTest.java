package io.calco.server.web.backup;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Media;
import io.calco.server.Served;
import io.calco.server.web.Browser;
import io.calco.server.web.Browser.Window;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The pages of backups in a real browser.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BackupPagesTest {
  @TempDir private static Path directory;
  private static TestRepository repository;
  private static Served served;
  private static Browser browser;
  private static Page page;

  @BeforeAll
  static void open() throws IOException {
    repository = new TestRepository(directory);
    served = repository.serve();
    browser = new Browser();
    page = browser.openLoggedIn(Window.DESK, served.address());
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

  private static String pathOfFirst() {
    return "/ui/backups/points/nas/" + repository.first.id();
  }

  private static void keep(String name) {
    assertThat(Browser.overflows(page)).as(name).isFalse();
    Browser.keep(page, "backup-" + name);
  }

  /// The same page on a phone, in Spanish and in the dark.
  private static void keepEverywhere(String path, String name) {
    for (Window window : List.of(Window.PHONE, Window.DESK.in("es-ES").dark())) {
      Page other = browser.openLoggedIn(window, served.address());
      other.navigate(path);
      assertThat(Browser.overflows(other)).as(name).isFalse();
      assertThat(other.locator("main").innerText()).doesNotContainPattern("\\bbackups\\.[a-z]+");
      Browser.keep(
          other,
          "backup-%s-%d%s"
              .formatted(name, window.width(), window.scripts() ? window.look().name() : "plain"));
      other.context().close();
    }
  }

  @Test
  @Order(1)
  void machinesStandOnALineOfTime() {
    page.navigate("/ui/backups");
    assertThat(page.locator("#repository-nas .machines tbody tr")).hasCount(2);
    assertThat(page.locator("#repository-nas .dots .dot")).hasCount(8);
    assertThat(page.locator("#repository-gone .problem")).containsText("there is no repository");
    assertThat(page.locator("#repository-empty .empty")).isVisible();
    assertThat(page.locator("main")).containsText("aula & <i>x");
    keep("boards");
    keepEverywhere("/ui/backups", "boards");
    page.locator("#repository-nas td.name a").last().click();
    assertThat(page.locator("tbody tr")).hasCount(7);
    keep("machine");
    keepEverywhere(page.url(), "machine");
  }

  @Test
  @Order(2)
  void aPointIsTheMachinesDocumentation() {
    page.navigate("/ui/backups");
    page.locator("#repository-nas .dots a").last().focus();
    page.locator("#repository-nas .dots a").last().press("Enter");
    assertThat(page.locator("h1")).containsText("maqueta");
    page.navigate(pathOfFirst());
    assertThat(page.locator("main")).containsText("Debian GNU/Linux 12 (bookworm)");
    assertThat(page.locator(".note")).containsText("it is the <reference>.");
    assertThat(page.locator("main")).containsText("Acme Portable <7>");
    assertThat(page.locator("main")).containsText("\\EFI\\debian\\shimx64.efi");
    assertThat(page.locator(".strip .used").first()).isVisible();
    keep("point");
    keepEverywhere(pathOfFirst(), "point");
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
    assertThat(page.locator(".top")).isHidden();
    keep("point-printed");
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.SCREEN));
    page.locator("a[href$='/packages']").click();
    assertThat(page.locator("tbody tr")).hasCount(5);
    assertThat(page.locator("main")).containsText("openssh-server");
    assertThat(page.locator("main")).containsText("5 packages");
    keep("packages");
    keepEverywhere(page.url(), "packages");
  }

  @Test
  @Order(3)
  void filesAreLookedAtAndSaved() throws IOException {
    page.navigate(pathOfFirst());
    page.locator("a.button").filter(new Locator.FilterOptions().setHasText("Browse")).click();
    assertThat(page.locator(".files tbody tr").first()).isVisible();
    keep("files");
    page.locator(".files a").filter(new Locator.FilterOptions().setHasText("etc/")).click();
    assertThat(page.locator(".place")).hasText("/etc/");
    Download saved =
        page.waitForDownload(() ->
            page.locator(".files a")
                .filter(new Locator.FilterOptions().setHasText("hostname"))
                .click());
    assertThat(saved.suggestedFilename()).isEqualTo("hostname");
    assertThat(Files.readString(saved.path())).isEqualTo("maqueta\n");
    keepEverywhere(page.url(), "files");
    page.navigate(pathOfFirst() + "/compare?files=yes&with=" + repository.last.id());
    assertThat(page.locator("main")).containsText("No file differs.");
    keep("compare");
    keepEverywhere(page.url(), "compare");
  }

  private static void awaitDone() {
    assertThat(page.locator("#job .state.good"))
        .isVisible(
            new com.microsoft.playwright.assertions.LocatorAssertions.IsVisibleOptions()
                .setTimeout(60_000));
  }

  private static Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  @Test
  @Order(4)
  void aPointIsRestoredOnceItIsSeenWhatWillHappen() throws IOException {
    page.navigate(pathOfFirst());
    page.locator("a.primary").click();
    page.locator("input[name=name]").fill("../evil");
    button("Show what would happen").click();
    assertThat(page.locator(".problem")).containsText("begins with a letter");
    browser.complaints(); // of the answer's status
    page.locator("input[name=name]").fill("back.img");
    page.locator("input[name=size]").fill("192M");
    page.locator("input[value=proportional]").check();
    keep("restore");
    button("Show what would happen").click();
    assertThat(page.locator(".strip")).hasCount(2);
    assertThat(page.locator(".plan-steps")).containsText("partition 3");
    keep("plan");
    keepEverywhere(page.url(), "plan");
    button("Restore now").click();
    awaitDone();
    assertThat(page.locator(".log")).containsText("Restoring");
    keep("restored");
    Path file = repository.restored().resolve("back.img");
    assertThat(Files.size(file)).isEqualTo(192L << 20);
    Oracle.named("sgdisk").run("--verify", file).succeeds();
    page.navigate(pathOfFirst() + "/restore");
    page.locator("input[name=name]").fill("back.img");
    button("Show what would happen").click();
    assertThat(page.locator("main")).containsText("back.img is overwritten");
    page.locator("input[name=word]").fill("other.img");
    keep("plan-over");
    button("Restore now").click();
    assertThat(page.locator("main")).containsText("nothing was written");
    browser.complaints(); // of the answer's status
    page.goBack();
    page.locator("input[name=word]").fill("back.img");
    button("Restore now").click();
    awaitDone();
    page.navigate(pathOfFirst());
    assertThat(page.locator(".checks")).containsText("Restored");
  }

  @Test
  @Order(5)
  void pointsAndImagesBecomeEachOther() {
    page.navigate("/ui/backups/points/nas/" + repository.last.id());
    page.locator("input[name=name]").fill("out of a backup");
    button("Make it an image").click();
    awaitDone();
    page.locator("a.primary").click();
    assertThat(page.locator("h1")).hasText("out of a backup");
    assertThat(page.locator("main")).containsText(repository.last.id().toString());
    page.navigate("/ui/backups/new?repository=empty");
    page.locator("input[name=machine]").fill("no/name");
    button("Back up now").click();
    assertThat(page.locator(".problem")).containsText("A machine's name");
    browser.complaints(); // of the answer's status
    page.locator("input[name=machine]").fill("from the catalogue");
    keep("new");
    keepEverywhere("/ui/backups/new", "new");
    button("Back up now").click();
    awaitDone();
    assertThat(page.locator(".job-result")).containsText("of data");
    page.locator("a.primary").click();
    assertThat(page.locator("h1")).containsText("from the catalogue");
    assertThat(page.locator("main")).containsText("Debian GNU/Linux 12 (bookworm)");
  }

  @Test
  @Order(6)
  void pointsAreHeldRemarkedVerifiedAndForgotten() {
    String path = "/ui/backups/points/nas/" + repository.last.id();
    page.navigate(path);
    page.locator("input[name=reason]").fill("the exam");
    page.locator("#hold").click();
    assertThat(page.locator(".notice")).containsText("nobody can forget it");
    keepEverywhere(path, "held");
    page.locator("textarea[name=note]").fill("Two\nlines");
    page.locator("input[name=tags]").fill("a, b , ,a");
    button("Save").click();
    assertThat(page.locator(".note")).containsText("lines");
    assertThat(page.locator(".tags .tag")).hasCount(2);
    page.navigate(path + "/forget");
    keep("forget");
    button("Forget").click();
    assertThat(page.locator("main")).containsText("is held: the exam");
    browser.complaints(); // of the answer's status
    page.navigate(path);
    page.locator("#release").click();
    page.locator("a.danger").click();
    button("Forget").click();
    assertThat(page.locator(".notice")).containsText("forgotten");
    assertThat(page.locator("#repository-nas .dots .dot")).hasCount(7);
    page.locator("#repository-nas")
        .locator("button", new Locator.LocatorOptions().setHasText("Verify all"))
        .click();
    awaitDone();
    page.navigate("/ui/backups");
    assertThat(page.locator("#repository-nas .dots .dot.good")).hasCount(7);
    page.locator("#repository-nas")
        .locator("button", new Locator.LocatorOptions().setHasText("Free space"))
        .click();
    awaitDone();
    page.navigate("/ui/audit?user=admin");
    for (String deed :
        List.of(
            "Restore",
            "Make image of restore point",
            "Make restore point",
            "Hold or release restore point",
            "Change remarks",
            "Forget restore point",
            "Verify repository",
            "Free repository's space",
            "Save out of restore point")) {
      assertThat(page.locator("tbody")).containsText(deed);
    }
  }
}
