package io.calco.server.web.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.DemoDisk;
import io.calco.engine.Home;
import io.calco.engine.TemplateRequest;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.engine.audit.Actor;
import io.calco.engine.classroom.Classes;
import io.calco.engine.machine.Machines;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.machine.libvirt.LibvirtUri;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.http.ListenAddress;
import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An open page looks again and again; libvirt is asked when something has happened.
@Timeout(600)
class MachineEventsTest extends WithLibvirt {
  private static final int MACHINES = 6;

  /// What a browser does with an open page, and longer than what was seen lasts by itself.
  private static final long BETWEEN = 1700;

  private static final List<String> PATHS =
      List.of("/ui/machines", "/ui/machines/vm-1", "/ui/classes/room");

  /// What each of them asks when it looks: a list, and of each machine its description, its state,
  /// whether it stays and whether it starts with the host; of a class, descriptions and two states.
  private static final int LOOKS = 1 + 4 * (MACHINES + 2) + 7 + 1 + MACHINES + 2 + 2;

  @TempDir private Path place;
  private CountedLibvirt counted;
  private Served served;
  private PageClient admin;

  @BeforeEach
  void open() throws Exception {
    for (int i = 1; i <= MACHINES; i++) {
      EchoMachine.define(server(), "vm-" + i, EchoMachine.disk(place.resolve("vm-" + i)), "");
    }
    room();
    counted = new CountedLibvirt(place.resolve("socket"), server().socket());
    served =
        new Served(
            place.resolve("home"),
            ServerSettings.at(new ListenAddress("127.0.0.1", 0))
                .withFirstPassword(Served.PASSWORD)
                .with(LibvirtUri.parse(counted.uri(), Map.of())));
    admin = new PageClient(served, "admin", Served.PASSWORD);
  }

  /// A class of two seats.
  private void room() throws IOException {
    Path disk = place.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    try (Calco calco = Calco.open(new Home(place.resolve("home")));
        Machines machines = Machines.open(calco, Optional.of(server().uri()), Map.of())) {
      calco
          .templates()
          .create(
              "t",
              new TemplateRequest(
                  disk, ImageOptions.reading(), Placement.POOL_COPY, GeneraliseOptions.defaults()),
              JobContext.SILENT);
      new Classes(calco, Optional.of(machines), Actor.command())
          .create(Rooms.ofTwo("room", "seat-"), JobContext.SILENT);
    }
  }

  @AfterEach
  void close() throws IOException {
    admin.close();
    served.close();
    counted.close();
    Oracle.find("chattr").ifPresent(chattr -> chattr.run("-R", "-f", "-i", place)); // the template
  }

  private String part(String path) throws Exception {
    return admin.get(path, "HX-Request", "true").body();
  }

  /// What looking once, so many times, asks of libvirt.
  private int asked(int times) throws Exception {
    int before = counted.questions();
    for (int i = 0; i < times; i++) {
      Thread.sleep(BETWEEN);
      for (String path : PATHS) {
        part(path);
      }
    }
    return counted.questions() - before;
  }

  private void shows(String path, String text) throws Exception {
    for (int attempt = 0; !part(path).contains(text); attempt++) {
      assertThat(attempt).as("%s on %s", text, path).isLessThan(100);
      Thread.sleep(100);
    }
  }

  @Test
  void libvirtIsAskedWhenSomethingHasHappened() throws Exception {
    asked(1); // it connects
    assertThat(asked(4)).as("while nothing happens").isLessThanOrEqualTo(LOOKS);

    server().virsh("start", "vm-1").succeeds();
    shows("/ui/machines", "Running");
    shows("/ui/machines/vm-1", "Running");
    server().virsh("suspend", "vm-1").succeeds();
    shows("/ui/machines/vm-1", "Paused");
    server().virsh("start", "seat-02").succeeds();
    shows("/ui/classes/room", "2 seats, 1 on");
    server().virsh("undefine", "vm-2").succeeds();
    for (int attempt = 0; part("/ui/machines").contains("vm-2"); attempt++) {
      assertThat(attempt).isLessThan(100);
      Thread.sleep(100);
    }

    assertThat(admin.post("/ui/templates/t/delete", Map.of("clones", "delete")).body())
        .contains("clone seat-02, is running");
    assertThat(machines()).contains("seat-01", "seat-02");
    server().virsh("destroy", "seat-02").succeeds();
    String job =
        admin
            .post("/ui/templates/t/delete", Map.of("clones", "delete"))
            .headers()
            .firstValue("Location")
            .orElseThrow();
    for (int attempt = 0; part(job).contains("hx-get"); attempt++) {
      assertThat(attempt).isLessThan(1000);
      Thread.sleep(100);
    }
    assertThat(machines()).contains("vm-1").doesNotContain("seat-01", "seat-02");
    assertThat(admin.get("/ui/templates/t").statusCode()).isEqualTo(404);
  }
}
