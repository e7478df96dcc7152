package io.calco.server.web.machine;

import io.calco.catalog.BackgroundJob;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.classroom.ClassReport;
import io.calco.engine.classroom.Seat;
import io.calco.engine.host.HostClasses;
import io.calco.engine.machine.Machines;
import io.calco.machine.libvirt.DomainState;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// `/classes`: rooms with their seats, live.
public final class ClassesPage implements Page {
  private final HostClasses classes;

  /// Shows this host's.
  public ClassesPage(HostClasses classes) {
    this.classes = classes;
  }

  /// The path of a class's page, below the pages' root.
  static String path(String name) {
    return "/classes/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// The list.
  ///
  /// @param classes by name
  /// @param problem why libvirt cannot be asked; empty when it can
  record Listing(List<ClassReport> classes, String problem) {
    Listing {
      classes = List.copyOf(classes);
    }
  }

  /// A room.
  ///
  /// @param seats in their order
  record Room(ClassReport report, List<SeatView> seats) {
    Room {
      seats = List.copyOf(seats);
    }

    String path() {
      return ClassesPage.path(report.name());
    }

    /// True when there is a machine that could be started.
    boolean startable() {
      return report.seats().stream().anyMatch(seat -> seat.machine().isPresent() && !seat.active());
    }

    boolean stoppable() {
      return report.active() > 0;
    }

    /// Of what is shown: the same as long as nothing has changed.
    String seen() {
      return Integer.toHexString(report.hashCode());
    }
  }

  /// A seat, in words.
  record SeatView(Seat seat, Text text) {
    /// What its machine does.
    String state() {
      return seat.machine().isEmpty()
          ? text.of("classes.nomachine")
          : text.of("machines.state." + seat.machine().get().state().code());
    }

    /// The class that colours it.
    String mark() {
      return seat.machine().map(machine -> MachineView.mark(machine.state())).orElse("");
    }

    /// Its machine's page; its clone's where it has none.
    String path() {
      return seat.machine()
          .map(machine -> MachineView.path(machine.name()))
          .orElse("/clones/" + seat.name());
    }

    boolean shown() {
      return seat.machine().filter(machine -> machine.state() != DomainState.UNKNOWN).isPresent()
          && seat.active();
    }

    String onDisk() {
      return text.size(seat.disk().allocatedSize());
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(new MenuItem("/classes", "classes.title", classes::allows));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/classes", this::list)
        .get("/classes/{class}", this::show)
        .get("/classes/{class}/reset", visit -> View.page("machine/class-reset", room(visit)))
        .post(
            "/classes/{class}/start",
            visit -> job(classes.start(visit.caller(), visit.path("class"))))
        .post("/classes/{class}/stop", visit -> stop(visit, Machines.Stop.ASK))
        .post("/classes/{class}/force-off", visit -> stop(visit, Machines.Stop.FORCE))
        .post(
            "/classes/{class}/reset",
            visit -> job(classes.reset(visit.caller(), visit.path("class"))));
  }

  private View list(Visit visit) throws IOException {
    try {
      return View.page("machine/classes", new Listing(classes.list(visit.caller()), ""));
    } catch (OperationException e) {
      if (e.kind() != Kind.BUSY && e.kind() != Kind.UNSUPPORTED) {
        throw e;
      }
      return View.page("machine/classes", new Listing(List.of(), String.valueOf(e.getMessage())));
    }
  }

  private Room room(Visit visit) throws IOException {
    ClassReport report = classes.show(visit.caller(), visit.path("class"));
    return new Room(
        report, report.seats().stream().map(seat -> new SeatView(seat, visit.text())).toList());
  }

  private View show(Visit visit) throws IOException {
    Room room = room(visit);
    if (!visit.isForPart()) {
      return View.page("machine/class", room);
    }
    return visit.query("seen").equals(room.seen())
        ? MachinesPage.unchanged(visit)
        : View.page("machine/room", room);
  }

  private View stop(Visit visit, Machines.Stop how) throws IOException {
    return job(classes.stop(visit.caller(), visit.path("class"), how));
  }

  private static View job(BackgroundJob job) {
    return View.redirect("/jobs/" + job.id());
  }
}
