package io.calco.server.web.plan;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.calco.engine.Calco;
import io.calco.engine.DemoDisk;
import io.calco.engine.Home;
import io.calco.engine.audit.Actor;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.served.BackupSettings;
import io.calco.engine.backup.served.BackupSettings.Devices;
import io.calco.engine.backup.served.BackupSettings.Known;
import io.calco.engine.plan.MailServer;
import io.calco.engine.plan.Plan;
import io.calco.engine.plan.PlanNotices.Language;
import io.calco.engine.plan.PlanNotices.Mail;
import io.calco.engine.plan.PlanNotices.When;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Place;
import io.calco.engine.plan.PlanSettings;
import io.calco.engine.plan.Plans;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.http.ListenAddress;
import io.calco.server.web.Browser;
import io.calco.server.web.Browser.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The editor of plans in a real browser.
class PlanFormTest {
  @TempDir private Path directory;
  private Path disk = Path.of("");
  private @Nullable Served server;
  private @Nullable Browser driver;

  @BeforeEach
  void open() throws IOException {
    Path images = Files.createDirectories(directory.resolve("images"));
    disk = images.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    Path key = Files.writeString(directory.resolve("key"), "a passphrase of some words\n");
    create("near", StoreSecret.none());
    try (StoreSecret secret = StoreSecret.ofFile(key.toString())) {
      create("far", secret);
    }
    BackupSettings settings =
        new BackupSettings(
            List.of(
                new Known("nas", directory.resolve("near").toString(), Optional.empty()),
                new Known(
                    "away",
                    directory.resolve("far").toString(),
                    Optional.of(directory.resolve("key")))),
            List.of(),
            Devices.REFUSED,
            List.of(images));
    server =
        new Served(
            directory.resolve("home"),
            ServerSettings.at(new ListenAddress("127.0.0.1", 0))
                .withFirstPassword(Served.PASSWORD)
                .with(settings)
                .with(
                    MailServer.of(Map.of("CALCO_MAIL_SERVER", "smtp-plain://localhost"))
                        .orElseThrow()));
    driver = new Browser();
  }

  private void create(String name, StoreSecret secret) throws IOException {
    BackupRepository.create(
            directory.resolve(name).toString(), RepositoryOptions.defaults(), secret)
        .close();
  }

  @AfterEach
  void close() throws IOException {
    browser().close();
    served().close();
  }

  private Served served() {
    return Objects.requireNonNull(server);
  }

  private Browser browser() {
    return Objects.requireNonNull(driver);
  }

  private Plan plan(String name) throws IOException {
    try (Calco calco = Calco.open(new Home(directory.resolve("home")))) {
      return new Plans(calco, Actor.command(), PlanSettings.defaults()).get(name);
    }
  }

  private static Locator field(Page page, String name) {
    return page.locator("#plan-form [name='%s']".formatted(name));
  }

  private static void press(Page page, String deed) {
    page.locator("#plan-form button[value='%s']:visible".formatted(deed)).last().click();
  }

  private static void look(Page page, String name) {
    assertThat(Browser.overflows(page)).as(name).isFalse();
    assertThat(page.locator("main").innerText()).doesNotContainPattern("\\bplans\\.[a-z]+");
    Browser.keep(page, name);
  }

  @Test
  void aPlanIsMadeChangedAndTakenAway() throws IOException {
    Page page = browser().openLoggedIn(Window.DESK, served().address());
    page.navigate("/ui/plans");
    page.locator(".head a.button").click();
    assertThat(page.locator("#preview .month").first()).isVisible();
    look(page, "planform-new");

    // What is wrong stands beside its field; what was typed stays.
    field(page, "schedule").fill("now and then");
    assertThat(page.locator("#preview")).containsText("\"now and then\" is no time");
    field(page, "source-0-path").fill("/etc/passwd");
    field(page, "mail").fill("nobody");
    field(page, "webhook").fill("http://127.0.0.1/hook");
    press(page, "save");
    assertThat(page.locator("#schedule-wrong")).containsText("is no time");
    assertThat(page.locator("#name-wrong")).isVisible();
    assertThat(page.locator("#source-0-path-wrong")).containsText("backup-sources");
    assertThat(page.locator("#mail-wrong")).containsText("\"nobody\" is no mail address");
    assertThat(page.locator("#webhook-wrong")).containsText("not on the public network");
    assertThat(page.locator("[id='repository-0-address-wrong']")).isVisible();
    assertThat(field(page, "source-0-path")).hasValue("/etc/passwd");
    look(page, "planform-wrong");
    browser().complaints(); // the browser tells of the answer's status

    field(page, "name").fill("nightly");
    field(page, "schedule").fill("daily at 02:30");
    field(page, "source-0-path").fill(disk.toString());
    field(page, "mail").fill("ana@example.org luis@example.org");
    field(page, "when").selectOption("always");
    field(page, "language").selectOption("es");
    field(page, "webhook").fill("");
    field(page, "rate").fill("50M");
    field(page, "repository-0-address").selectOption("nas");
    press(page, "add-copy");
    assertThat(field(page, "repository-1-filling")).hasValue("copy");
    field(page, "repository-1-address").selectOption("away");
    field(page, "repository-1-off-site").check();
    assertThat(page.locator("#preview .stays")).hasCount(2);

    // The calendar follows the rule.
    Locator weekly = page.locator("#preview .stays").first().locator("td.keep-weekly");
    assertThat(weekly).not().hasCount(0);
    field(page, "repository-0-weekly").fill("");
    field(page, "repository-0-monthly").fill("");
    assertThat(weekly).hasCount(0);
    assertThat(page.locator("#preview .stays").first().locator("td.keep-daily")).hasCount(7);
    look(page, "planform-filled");
    press(page, "save");
    assertThat(page.locator("h1")).hasText("nightly");
    assertThat(page.locator(".notice")).containsText("nightly");
    assertThat(page.locator("main")).containsText("ana@example.org, luis@example.org");
    assertThat(page.locator(".stays")).hasCount(2);
    look(page, "plan-made");

    Plan made = plan("nightly");
    assertThat(made.sources().getFirst().path()).isEqualTo(disk.toString());
    assertThat(made.repositories()).hasSize(2);
    assertThat(made.repositories().getFirst().keep().text()).isEqualTo("daily=7");
    assertThat(made.repositories().get(1).filling()).isEqualTo(Filling.COPY);
    assertThat(made.repositories().get(1).place()).isEqualTo(Place.OFF_SITE);
    assertThat(made.repositories().get(1).passphraseFile())
        .contains(directory.resolve("key").toString());
    assertThat(made.rate()).contains(50L << 20);
    assertThat(made.readDays()).contains(30);
    assertThat(made.notices().mail())
        .contains(
            new Mail(List.of("ana@example.org", "luis@example.org"), When.ALWAYS, Language.ES));

    page.locator("a[href$='/change']").click();
    assertThat(field(page, "repository-1-address")).hasValue("away");
    assertThat(field(page, "rate")).hasValue("50M");
    press(page, "remove-repository-1");
    assertThat(field(page, "repository-1-address")).hasCount(0);
    field(page, "schedule").fill("every 6h");
    press(page, "save");
    assertThat(page.locator(".notice")).containsText("changed");
    assertThat(plan("nightly").schedule()).isEqualTo("every 6h");
    assertThat(plan("nightly").repositories()).hasSize(1);

    page.locator("a[href$='/delete']").click();
    look(page, "plan-delete");
    page.locator("button.danger").click();
    assertThat(page.locator(".empty")).isVisible();
    assertThat(browser().complaints()).isEmpty();
  }

  @Test
  void aPhoneTheDarkAndNoScriptsDoAsWell() throws IOException {
    for (Window window :
        List.of(
            Window.PHONE, Window.DESK.in("es-ES").dark(), Window.PHONE.withoutScripts().dark())) {
      Page page = browser().openLoggedIn(window, served().address());
      page.navigate("/ui/plans/new");
      String name = "plan-%d-%s-%s".formatted(window.width(), window.look(), window.scripts());
      field(page, "name").fill(name);
      field(page, "source-0-path").fill(disk.toString());
      press(page, "add-source");
      assertThat(field(page, "source-1-path")).isVisible();
      field(page, "source-1-path").fill(disk.toString());
      field(page, "repository-0-address").selectOption("nas");
      field(page, "repository-0-yearly").fill("muchos");
      press(page, "save");
      assertThat(page.locator("[id='source-1-path-wrong']")).hasText("Está dos veces");
      assertThat(page.locator("[id='repository-0-keep-wrong']")).containsText("«muchos»");
      look(page, "planform-" + name);
      press(page, "remove-source-1");
      assertThat(field(page, "source-1-path")).hasCount(0);
      field(page, "repository-0-yearly").fill("5");
      press(page, "save");
      assertThat(page.locator("h1")).hasText(name);
      assertThat(plan(name).repositories().getFirst().keep().yearly()).isEqualTo(5);
      page.context().close();
    }
  }
}
