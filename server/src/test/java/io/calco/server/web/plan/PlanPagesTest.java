package io.calco.server.web.plan;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.calco.engine.Calco;
import io.calco.engine.DemoDisk;
import io.calco.engine.Home;
import io.calco.engine.audit.Actor;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.plan.Keep;
import io.calco.engine.plan.Plan;
import io.calco.engine.plan.PlanNotices;
import io.calco.engine.plan.PlanRepository;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Place;
import io.calco.engine.plan.PlanRepository.Plainness;
import io.calco.engine.plan.PlanSettings;
import io.calco.engine.plan.PlanSource;
import io.calco.engine.plan.Plans;
import io.calco.engine.plan.RestoreTrial;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import io.calco.server.Served;
import io.calco.server.web.Browser;
import io.calco.server.web.Browser.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The pages of plans in a real browser.
class PlanPagesTest {
  @TempDir private Path directory;

  private PlanRepository repository(String name, Filling filling, String medium, Place place)
      throws IOException {
    String address = directory.resolve(name).toString();
    BackupRepository.create(address, RepositoryOptions.defaults(), StoreSecret.none()).close();
    return new PlanRepository(
        address, filling, medium, place, Optional.empty(), Plainness.WAIVED, Keep.all());
  }

  private void add(String name, List<String> sources, List<PlanRepository> repositories)
      throws IOException {
    try (Calco calco = Calco.open(new Home(directory.resolve("home")))) {
      new Plans(calco, Actor.command(), PlanSettings.defaults())
          .add(
              new Plan(
                  name,
                  sources.stream().map(PlanSource::of).toList(),
                  repositories,
                  "by hand",
                  Optional.of("UTC"),
                  Optional.of(30),
                  Optional.empty(),
                  RestoreTrial.READ,
                  PlanNotices.none(),
                  Optional.empty()));
    }
  }

  @Test
  void aPlanIsRunAndTheBoardSaysWhatIsMissing() throws IOException {
    Path disk = directory.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    try (Served served = new Served(directory.resolve("home"));
        Browser browser = new Browser()) {
      Page page = browser.openLoggedIn(Window.DESK, served.address());
      page.navigate("/ui/plans");
      assertThat(page.locator(".empty")).containsText("calco plan add");
      add(
          "nightly",
          List.of(disk.toString(), directory.resolve("gone <b>.img").toString()),
          List.of(
              repository("near", Filling.BACKUP, "disk", Place.ON_SITE),
              repository("far", Filling.COPY, "usb", Place.OFF_SITE)));
      page.navigate("/ui/plans");
      assertThat(page.locator("tbody .state.bad")).hasCount(2);
      Browser.keep(page, "plans-before");
      page.locator("form button.small").click();
      assertThat(page.locator(".job .state.bad"))
          .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(60_000));
      assertThat(page.locator(".job .problem")).containsText("gone <b>.img");
      page.navigate("/ui/plans");
      assertThat(page.locator("tbody .state.good")).hasCount(1);
      assertThat(page.locator("main")).containsText("maqueta");
      for (Window window : List.of(Window.DESK, Window.PHONE, Window.DESK.in("es-ES").dark())) {
        Page other = browser.openLoggedIn(window, served.address());
        other.navigate("/ui/plans");
        look(other, "plans-" + window.width() + window.look());
        other.locator("h2 a").click();
        assertThat(other.locator("h1")).hasText("nightly");
        look(other, "plan-" + window.width() + window.look());
        other.locator("tbody a[href*='/plans/runs/']").first().click();
        assertThat(other.locator("tbody tr").first()).isVisible();
        look(other, "planrun-" + window.width() + window.look());
        other.context().close();
      }
      assertThat(page.navigate("/ui/plans/none").status()).isEqualTo(404);
      assertThat(page.navigate("/ui/plans/runs/99").status()).isEqualTo(404);
    }
  }

  private static void look(Page page, String name) {
    assertThat(Browser.overflows(page)).as(name).isFalse();
    assertThat(page.locator("main").innerText()).doesNotContainPattern("\\bplans\\.[a-z]+");
    Browser.keep(page, name);
  }
}
