package io.calco.server.web.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.DemoDisk;
import io.calco.engine.Home;
import io.calco.engine.TemplateRequest;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.engine.Templates.Dependents;
import io.calco.engine.audit.Actor;
import io.calco.engine.classroom.Classes;
import io.calco.engine.machine.Machines;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.machine.libvirt.LibvirtUri;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.http.ListenAddress;
import io.calco.server.web.Browser;
import io.calco.testkit.LibvirtServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Machines made, started, stopped and deleted by forms, with virsh beside them.
@Timeout(600)
class MachinePagesTest {
  @TempDir private static Path place;
  @TempDir private static Path home;
  private static LibvirtServer libvirt;
  private static Served served;

  private PageClient admin;

  @BeforeAll
  static void start() throws IOException {
    libvirt = LibvirtServer.start(place);
    served = new Served(home, settings(libvirt.uri()));
    Path disk = place.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    try (Calco calco = Calco.open(new Home(home))) {
      calco
          .templates()
          .create(
              "t",
              new TemplateRequest(
                  disk, ImageOptions.reading(), Placement.POOL_COPY, GeneraliseOptions.defaults()),
              JobContext.SILENT);
    }
  }

  private static ServerSettings settings(String uri) {
    return ServerSettings.at(new ListenAddress("127.0.0.1", 0))
        .withFirstPassword(Served.PASSWORD)
        .with(LibvirtUri.parse(uri, Map.of()));
  }

  @AfterAll
  static void stop() throws IOException {
    try (LibvirtServer _ = libvirt) {
      if (served != null) {
        served.close();
        try (Calco calco = Calco.open(new Home(home))) { // or its sealed disk could not be deleted
          calco.templates().delete("t", Dependents.DELETE, JobContext.SILENT);
        }
      }
    }
  }

  @BeforeEach
  void login() throws Exception {
    admin = new PageClient(served, "admin", Served.PASSWORD);
  }

  @AfterEach
  void logout() {
    admin.close();
  }

  private static String location(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    return answer.headers().firstValue("Location").orElseThrow();
  }

  /// Waits for a job; what its page says then.
  private String done(HttpResponse<String> begun) throws Exception {
    String job = location(begun);
    String page = "";
    for (int i = 0; i < 2400; i++) {
      page = admin.get(job, "HX-Request", "true").body();
      if (!page.contains("hx-get")) {
        return page;
      }
      Thread.sleep(50);
    }
    throw new AssertionError(page);
  }

  private static Map<String, String> order(String base, String names, String start) {
    return Map.of(
        "base",
        base,
        "names",
        names,
        "memory",
        "64M",
        "processors",
        "1",
        "network",
        "none",
        "accelerator",
        "tcg",
        "start",
        start);
  }

  private static String state(String machine) {
    return libvirt.virsh("domstate", machine).out().strip();
  }

  @Test
  void machinesLiveTheirLives() throws Exception {
    assertThat(admin.get("/ui/machines/new?template=t").body())
        .containsPattern("value=\"template:t\" selected");
    assertThat(done(admin.post("/ui/machines", order("template:t", "aula-{1..2}", "yes"))))
        .contains("2 machines made", "/ui/machines\"");
    assertThat(state("aula-1")).isEqualTo("running");
    assertThat(state("aula-2")).isEqualTo("running");
    assertThat(libvirt.stored("aula-2")).contains("<memory unit='KiB'>65536<");

    HttpResponse<String> list = admin.get("/ui/machines", "HX-Request", "true");
    assertThat(list.body()).contains("aula-1", "Running", "64\u00a0MiB", "/ui/clones/aula-1");
    Matcher again = Pattern.compile("hx-get=\"([^\"]+)\"").matcher(list.body());
    assertThat(again.find()).isTrue();
    String same = again.group(1).replace("&amp;", "&");
    Thread.sleep(1600); // what was seen lasts so long
    assertThat(admin.get(same, "HX-Request", "true").statusCode())
        .as("nothing has changed")
        .isEqualTo(204);
    byte[] picture = admin.bytes("/ui/machines/aula-1/picture").body();
    assertThat(new String(picture, 1, 3, StandardCharsets.US_ASCII)).isEqualTo("PNG");

    libvirt.virsh("destroy", "aula-2").succeeds();
    for (int i = 0; !admin.get(same, "HX-Request", "true").body().contains("Off"); i++) {
      assertThat(i).isLessThan(1000);
      Thread.sleep(50);
    }
    assertThat(admin.post("/ui/machines/aula-1/delete", Map.of()).statusCode())
        .as("it runs")
        .isEqualTo(409);
    assertThat(location(admin.post("/ui/machines/aula-1/stop", Map.of("from", "machine"))))
        .isEqualTo("/ui/machines/aula-1");
    admin.post("/ui/machines/aula-1/force-off", Map.of());
    assertThat(state("aula-1")).isEqualTo("shut off");
    assertThat(location(admin.post("/ui/machines/aula-1/start", Map.of("from", "console"))))
        .isEqualTo("/ui/machines/aula-1/console");
    assertThat(state("aula-1")).isEqualTo("running");
    admin.post("/ui/machines/aula-1/force-off", Map.of());

    Path first = home.resolve("pool/aula-1.qcow2");
    Path second = home.resolve("pool/aula-2.qcow2");
    assertThat(admin.get("/ui/machines/aula-1/delete").body()).contains(first.toString());
    admin.post("/ui/machines/aula-1/delete", Map.of("disks", "delete"));
    admin.post("/ui/machines/aula-2/delete", Map.of("disks", "keep"));
    assertThat(first).doesNotExist();
    assertThat(second).exists();
    assertThat(libvirt.virsh("list", "--all", "--name").out()).doesNotContain("aula");

    assertThat(
            done(
                admin.post(
                    "/ui/machines",
                    Map.of("clone", "aula-2", "network", "none", "accelerator", "tcg"))))
        .contains("1 machine made", "/ui/machines/aula-2\"");
    assertThat(libvirt.stored("aula-2")).contains(second.toString());
    assertThat(admin.get("/ui/machines/aula-2").body())
        .contains("/ui/clones/aula-2/reset", "/ui/templates/t\"");
    assertThat(admin.get("/ui/audit").body())
        .contains("Start machine", "Stop machine", "Delete machine");
  }

  @Test
  void aCloneGoesWithItsMachine() throws Exception {
    done(admin.post("/ui/machines", order("template:t", "web1", "yes")));
    assertThat(admin.post("/ui/clones/web1/delete", Map.of()).statusCode())
        .as("it runs")
        .isEqualTo(409);
    assertThat(done(admin.post("/ui/clones/web1/reset", Map.of())))
        .contains("a machine runs: web1");
    libvirt.virsh("managedsave", "web1").succeeds();
    done(admin.post("/ui/clones/web1/reset", Map.of()));
    assertThat(libvirt.virsh("dominfo", "web1").out()).containsPattern("Managed save:\\s+no");
    assertThat(admin.post("/ui/clones/web1/delete", Map.of()).statusCode()).isEqualTo(303);
    assertThat(libvirt.virsh("list", "--all", "--name").out()).doesNotContain("web1");
    assertThat(home.resolve("pool/web1.qcow2")).doesNotExist();
  }

  @Test
  void aClassIsARoom() throws Exception {
    try (Calco calco = Calco.open(new Home(home));
        Machines machines = Machines.open(calco, Optional.of(libvirt.uri()), Map.of())) {
      new Classes(calco, Optional.of(machines), Actor.command())
          .create(Rooms.ofTwo("2-ASIR", "asir-"), JobContext.SILENT);
    }
    assertThat(admin.get("/ui/classes").body()).contains("2-ASIR", "/ui/templates/t");
    assertThat(admin.get("/ui/classes/2-ASIR").body())
        .contains("asir-01", "asir-02", "2 seats, 0 on", "Start all")
        .doesNotContain("Force all off");
    assertThat(admin.get("/ui/classes/1-DAM").statusCode()).isEqualTo(404);

    assertThat(done(admin.post("/ui/classes/2-ASIR/start", Map.of())))
        .contains("/ui/classes/2-ASIR\"");
    assertThat(state("asir-01")).isEqualTo("running");
    assertThat(state("asir-02")).isEqualTo("running");
    String room = admin.get("/ui/classes/2-ASIR").body();
    assertThat(room).contains("2 seats, 2 on", "/ui/machines/asir-02/picture", "Force all off");
    keepInBrowser();

    Path disk = home.resolve("pool/asir-01.qcow2");
    Object before = Files.readAttributes(disk, "unix:ino").get("ino");
    assertThat(admin.get("/ui/classes/2-ASIR/reset").body()).contains("2 machines run");
    done(admin.post("/ui/classes/2-ASIR/reset", Map.of()));
    assertThat(Files.readAttributes(disk, "unix:ino").get("ino"))
        .as("it is another file")
        .isNotEqualTo(before);
    assertThat(state("asir-01")).as("it was started again").isEqualTo("running");

    done(admin.post("/ui/classes/2-ASIR/force-off", Map.of()));
    assertThat(state("asir-01")).isEqualTo("shut off");
    assertThat(state("asir-02")).isEqualTo("shut off");
  }

  /// The room on a desk and on a phone.
  private static void keepInBrowser() {
    try (Browser browser = new Browser()) {
      for (Browser.Window window : List.of(Browser.Window.DESK, Browser.Window.PHONE)) {
        Page page = browser.openLoggedIn(window, served.address());
        page.navigate("/ui/classes/2-ASIR");
        Browser.await(page, "document.querySelector('img[data-picture]').naturalWidth > 300");
        assertThat(Browser.overflows(page)).isFalse();
        Browser.keep(page, "class-room-" + window.width());
        page.close();
      }
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @Test
  void whatCannotBeMeantStays() throws Exception {
    for (Map<String, String> wrong :
        List.of(
            order("template:t", "", ""),
            order("template:nobody", "x1", ""),
            Map.of("base", "template:t", "names", "x1", "memory", "much"),
            Map.of("base", "template:t", "names", "x1", "processors", "-3"),
            Map.of("base", "template:t", "names", "x1", "accelerator", "steam"),
            Map.of("clone", "nobody"))) {
      HttpResponse<String> answer = admin.post("/ui/machines", wrong);
      assertThat(answer.statusCode()).as(wrong.toString()).isEqualTo(422);
      assertThat(answer.body()).contains("role=\"alert\"");
    }
  }

  @Test
  void aTemplatesMachineIsNotStarted() throws Exception {
    Path sealed = home.resolve("pool/t.v1.qcow2");
    assertThat(sealed).exists();
    EchoMachine.define(libvirt, "model", sealed, "");
    assertThat(admin.get("/ui/machines/model").body())
        .contains("sealed disk of the template t")
        .doesNotContain("/ui/machines/model/start");
    HttpResponse<String> answer = admin.post("/ui/machines/model/start", Map.of());
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("sealed disk of template t v1");
    assertThat(admin.get("/ui/machines/model/delete").body()).contains("Its disks stay");
    libvirt.virsh("undefine", "model").succeeds();
  }

  @Test
  void aDescriptionIsTextAndTellsNoPassword() throws Exception {
    Path disk = EchoMachine.disk(place.resolve("odd.raw"));
    EchoMachine.define(
        libvirt,
        "a &lt;b&gt; &amp; c",
        disk,
        "<graphics type='vnc' port='-1' passwd='secreto' autoport='yes'/>");
    assertThat(admin.get("/ui/machines").body())
        .contains("a &lt;b&gt; &amp; c", "/ui/machines/a%20%3Cb%3E%20%26%20c")
        .doesNotContain("<b>");
    assertThat(admin.get("/ui/machines/a%20%3Cb%3E%20%26%20c").body())
        .contains("&lt;domain")
        .doesNotContain("secreto", "<domain", "<b>");
    libvirt.virsh("undefine", "a <b> & c").succeeds();
  }

  @Test
  void withoutALibvirtThePagesSayso() throws Exception {
    Path empty = Files.createDirectory(place.resolve("empty"));
    try (Served alone =
            new Served(empty, settings("qemu+unix:///system?socket=" + place.resolve("none")));
        PageClient there = new PageClient(alone, "admin", Served.PASSWORD)) {
      HttpResponse<String> list = there.get("/ui/machines");
      assertThat(list.statusCode()).isEqualTo(200);
      assertThat(list.body()).contains("no libvirt listens at " + place.resolve("none"));
      assertThat(there.get("/ui/machines/x").statusCode()).isEqualTo(503);
      assertThat(there.get("/ui/machines/new").statusCode()).isEqualTo(200);
      assertThat(there.post("/ui/machines/x/start", Map.of()).statusCode()).isEqualTo(503);
    }
    Path none = Files.createDirectory(place.resolve("no-libvirt"));
    try (Served off = new Served(none);
        PageClient there = new PageClient(off, "admin", Served.PASSWORD)) {
      assertThat(there.get("/ui/machines").body()).contains("set to show no machines");
    }
  }
}
