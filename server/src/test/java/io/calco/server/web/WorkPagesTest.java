package io.calco.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.DemoDisk;
import io.calco.engine.Home;
import io.calco.engine.Templates.Dependents;
import io.calco.server.Served;
import io.calco.server.web.Browser.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The pages of work in a real browser: a template is made of a real disk, clones of it; the store
/// is looked after; people come and go; and the audit log has it all.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WorkPagesTest {
  @TempDir private static Path home;
  private static Served served;
  private static Browser browser;
  private static Page page;

  @BeforeAll
  static void open() throws IOException {
    served = new Served(home);
    DemoDisk.unpack(home.resolve("pool").resolve("aula.qcow2"));
    browser = new Browser();
    page = browser.open(Window.DESK, served.address());
    login(page, "admin", Served.PASSWORD);
  }

  @AfterAll
  static void close() throws IOException {
    browser.close();
    served.close();
    try (Calco calco = Calco.open(new Home(home))) { // a sealed disk cannot be deleted otherwise
      for (String template : List.of("aula12", "cloud12")) {
        if (calco.catalog().findTemplate(template).isPresent()) {
          calco.templates().delete(template, Dependents.DELETE, JobContext.SILENT);
        }
      }
    }
  }

  @AfterEach
  void pagesDoNotComplain() {
    assertThat(browser.complaints()).isEmpty();
  }

  private static void login(Page page, String user, String password) {
    page.navigate("/ui/login");
    page.locator("input[name=name]").fill(user);
    page.locator("input[name=password]").fill(password);
    page.locator("form.fields button").click();
    page.waitForURL("**/ui/images*");
  }

  private static Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  private static Locator link(String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name)).first();
  }

  private static void awaitDone() {
    assertThat(page.locator("#job .state.good"))
        .isVisible(
            new com.microsoft.playwright.assertions.LocatorAssertions.IsVisibleOptions()
                .setTimeout(60_000));
  }

  private static void keep(String name) {
    assertThat(Browser.overflows(page)).isFalse();
    Browser.keep(page, name);
  }

  @Test
  @Order(1)
  void aTemplateShowsWhatWillBeRemovedBeforeItIs() {
    page.navigate("/ui/templates");
    keep("templates-none");
    link("Make a template").click();
    page.locator("input[name=name]").fill("not a name!");
    page.locator("label.disk").click();
    button("Show what will be removed").click();
    assertThat(page.locator(".problem")).isVisible();
    assertThat(page.locator("input[name=disk]")).isChecked();
    browser.complaints(); // of the answer's status
    page.locator("input[name=name]").fill("aula12");
    page.locator("details.operations summary").click();
    keep("template-new");
    button("Show what will be removed").click();
    assertThat(page.locator(".plan")).containsText("machine-id");
    page.locator(".plan details").first().locator("summary").click();
    keep("template-preview");
    button("Make the template").click();
    awaitDone();
    keep("job-done");
    link("See the result").click();
    assertThat(page.locator("h1")).hasText("aula12");
    keep("template-alone");
  }

  @Test
  @Order(2)
  void manyClonesAreMadeByAPatternOfNames() {
    page.navigate("/ui/templates/aula12");
    link("Make clones").click();
    page.locator("input[name=names]").fill("aula-{01..12} jefe");
    assertThat(page.locator("#names-meant")).containsText("13 clones: aula-01 aula-02");
    page.locator("input[name=user]").fill("profe");
    page.locator("input[name=administrator]").uncheck(); // the demo's guest has no sudo
    page.locator("textarea[name=keys]").fill("no key at all");
    button("Make them").click();
    assertThat(page.locator(".problem")).containsText("not an SSH public key");
    assertThat(page.locator("input[name=names]")).hasValue("aula-{01..12} jefe");
    browser.complaints(); // of the answer's status
    page.locator("textarea[name=keys]")
        .fill(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0sTgkQ6h5vbZQ0GxJqgXJ0m2dC1f3T0v8b9wq1h2Yk a@b");
    keep("clones-new");
    button("Make them").click();
    awaitDone();
    link("See the result").click();
    assertThat(page.locator("tbody tr")).hasCount(13);
    keep("clones");
    page.locator("input[name=q]").fill("jefe");
    page.locator("input[name=q]").press("Enter");
    assertThat(page.locator("tbody tr")).hasCount(1);
    link("jefe").click();
    keep("clone");
    button("Make independent").click();
    awaitDone();
    page.navigate("/ui/clones/aula-12/delete");
    keep("clone-delete");
    button("Delete").click();
    assertThat(page.locator(".notice")).hasText("The clone aula-12 is deleted.");
    page.navigate("/ui/templates/aula12");
    assertThat(page.locator("svg .lineage.linked")).hasCount(11);
    keep("template");
    page.navigate("/ui/templates");
    keep("templates");
    page.navigate("/ui/templates/aula12/delete");
    assertThat(page.locator("fieldset")).containsText("11 linked clones");
    keep("template-delete");
  }

  @Test
  @Order(3)
  void theStoreShowsWhatItSaves() {
    String token = served.token("admin", Served.PASSWORD, "admin");
    byte[] content = new byte[6 << 20];
    Random random = new Random(5);
    byte[] noise = new byte[2 << 20];
    random.nextBytes(noise);
    System.arraycopy(noise, 0, content, 1 << 20, noise.length);
    for (int i = 4 << 20; i < 5 << 20; i++) {
      content[i] = (byte) "calco ".charAt(i % 6);
    }
    for (String name : List.of("debian12", "debian12 too")) {
      served.image(token, name, content);
    }
    page.navigate("/ui/storage");
    assertThat(page.locator(".storage-bar")).isVisible();
    assertThat(page.locator("tbody tr")).hasCount(2);
    keep("storage");
    button("Verify all").click();
    awaitDone();
    assertThat(page.locator("#job")).containsText("all is as it was written");
    page.navigate("/ui/storage");
    button("Collect garbage").click();
    awaitDone();
    page.navigate("/ui/jobs");
    keep("jobs");
  }

  @Test
  @Order(4)
  void peopleComeAndGo() {
    page.navigate("/ui/projects");
    page.locator("input[name=name]").fill("aula");
    button("Add").click();
    assertThat(page.locator(".notice")).hasText("The project aula is added.");
    keep("projects");
    page.navigate("/ui/users");
    page.locator("input[name=name]").fill("ana");
    page.locator("select[name=project]").selectOption("aula");
    button("Add").click();
    String password = page.locator("#secret").textContent();
    keep("user-password");
    link("I have kept it").click();
    assertThat(page.locator("h1")).hasText("ana");
    page.locator("select[name=role]").selectOption("reader");
    button("Give this role").click();
    assertThat(page.locator("tbody tr")).hasCount(2);
    keep("user");
    page.navigate("/ui/users");
    keep("users");
    page.locator("input[name=name]").fill("ana");
    button("Add").click();
    assertThat(page.locator(".problem")).isVisible();
    browser.complaints(); // of the answer's status

    Page anas = browser.open(Window.PHONE, served.address());
    login(anas, "ana", password);
    assertThat(anas.locator(".menu")).not().containsText("Usuarios");
    assertThat(anas.navigate("/ui/users").status()).isEqualTo(403);
    assertThat(anas.navigate("/ui/templates").status()).isEqualTo(403);
    assertThat(anas.navigate("/ui/audit").status()).isEqualTo(403);
    browser.complaints(); // the browser tells of these three
    assertThat(anas.navigate("/ui/storage").status()).isEqualTo(200);
    assertThat(anas.locator("main")).containsText("Lo que tiene el proyecto aula");
    assertThat(anas.locator("main")).not().containsText("Verificar");
    assertThat(anas.locator("main")).not().containsText("debian12");
    Browser.await(anas, "!document.body.textContent.includes('contando')");
    assertThat(Browser.overflows(anas)).isFalse();
    Browser.keep(anas, "storage-member-phone-es");
    anas.navigate("/ui/jobs");
    assertThat(anas.locator(".empty")).isVisible();
    anas.navigate("/ui/account");
    assertThat(Browser.overflows(anas)).isFalse();
    Browser.keep(anas, "account-phone-es");
    anas.locator("form[action$=credentials] input[name=name]").fill("terraform");
    anas.locator("form[action$=credentials] button").click();
    assertThat(anas.locator(".snippet")).containsText("auth_url: " + served.address());
    assertThat(Browser.overflows(anas)).isFalse();
    Browser.keep(anas, "credential-phone-es");
    String secret = anas.locator("#secret").textContent();
    anas.navigate("/ui/account");
    assertThat(anas.content()).doesNotContain(secret).contains("terraform");
    anas.locator("input[name=old]").fill(password);
    anas.locator("input[name=new]").fill("otra contraseña larga");
    anas.locator("input[name=again]").fill("otra contraseña larga");
    anas.locator("form[action$=password] button").click();
    anas.waitForURL("**/ui/login");
    assertThat(served.login("ana", password, "aula").statusCode()).isEqualTo(401);
    assertThat(served.login("ana", "otra contraseña larga", "aula").statusCode()).isEqualTo(201);
  }

  @Test
  @Order(5)
  void theAuditLogHasItAll() {
    page.navigate("/ui/audit");
    assertThat(page.locator("tbody")).containsText("Make credential");
    keep("audit");
    page.locator("select[name=action]").selectOption("clone");
    assertThat(page.locator("tbody tr")).hasCount(3);
    assertThat(page.locator("tbody")).containsText("aula-01 … jefe (13)");
    assertThat(page.locator("tbody")).containsText("127.0.0.1");
    page.navigate("/ui/audit?user=ana&outcome=done");
    assertThat(page.locator("tbody")).containsText("Change password");
  }

  @Test
  @Order(6)
  void allOfItIsThereInSpanishInTheDarkAndOnAPhone() {
    Page phone = browser.open(Window.PHONE.dark(), served.address());
    login(phone, "admin", Served.PASSWORD);
    for (String path :
        List.of(
            "/templates",
            "/templates/aula12",
            "/templates/new",
            "/clones",
            "/clones/new",
            "/clones/jefe",
            "/jobs",
            "/storage",
            "/users",
            "/projects",
            "/account",
            "/audit")) {
      assertThat(phone.navigate("/ui" + path).status()).as(path).isEqualTo(200);
      assertThat(Browser.overflows(phone)).as(path).isFalse();
      assertThat(phone.locator("main").textContent())
          .as(path)
          .doesNotContainPattern(
              "\\b(jobs|templates|clones|storage|users|projects|account|audit)\\.[a-z]+");
      Browser.keep(phone, "phone" + path.replace('/', '-'));
    }
  }

  @Test
  @Order(7)
  void aTemplateIsMadeOfAnImageOfTheCatalogue() throws IOException {
    Path disk = home.resolve("pool").resolve("cloud.qcow2");
    DemoDisk.unpack(disk);
    String token = served.token("admin", Served.PASSWORD, "admin");
    served.image(token, "cloud image", "qcow2", Files.readAllBytes(disk));
    page.navigate("/ui/templates/new");
    page.locator("label.disk", new Page.LocatorOptions().setHasText("cloud image")).click();
    page.locator("input[name=name]").fill("cloud12");
    keep("template-new-image");
    button("Show what will be removed").click();
    assertThat(page.locator(".plan")).containsText("machine-id");
    assertThat(page.locator("main")).containsText("cloud image stays as it is");
    button("Make the template").click();
    awaitDone();
    link("See the result").click();
    assertThat(page.locator("h1")).hasText("cloud12");
    keep("template-of-image");
    link("Make clones").click();
    page.locator("input[name=names]").fill("web-{01..04} db");
    page.locator("input[name=administrator]").uncheck();
    page.locator("input[name=user]").fill("profe");
    button("Make them").click();
    awaitDone();
    page.navigate("/ui/clones/db");
    button("Make independent").click();
    awaitDone();
    page.navigate("/ui/images?q=cloud");
    link("cloud image").click();
    assertThat(page.locator(".kin .version")).hasText("template, version 1cloud12");
    assertThat(page.locator(".kin a.linked")).hasCount(4);
    assertThat(page.locator(".kin a.full")).hasText("db");
    keep("image-lineage");
    Page phone = browser.open(Window.PHONE.dark(), served.address());
    login(phone, "admin", Served.PASSWORD);
    phone.navigate(page.url());
    assertThat(Browser.overflows(phone)).isFalse();
    Browser.keep(phone, "image-lineage-phone");
    phone.close();
    page.locator(".kin a.linked").first().focus();
    page.keyboard().press("Enter");
    page.waitForURL("**/clones/web-01");
    page.navigate("/ui/templates/new");
    page.locator("label.disk", new Page.LocatorOptions().setHasText("cloud image")).click();
    page.locator("input[name=name]").fill("cloud12");
    button("Show what will be removed").click();
    assertThat(page.locator(".problem")).containsText("there is a template cloud12 already");
    browser.complaints(); // of the answer's status
  }
}
