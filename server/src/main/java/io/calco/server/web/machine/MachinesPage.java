package io.calco.server.web.machine;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.host.HostMachines;
import io.calco.engine.machine.MachineDeletion;
import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.Machines;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// `/machines`: all of them, live.
public final class MachinesPage implements Page {
  private static final int SHOWN_MAX = 300;

  private final HostMachines machines;

  /// Shows this host's.
  public MachinesPage(HostMachines machines) {
    this.machines = machines;
  }

  /// The list.
  ///
  /// @param rows those that are shown
  /// @param search part of the names; empty for all
  /// @param all how many match
  /// @param problem why libvirt cannot be asked; empty when it can
  record Listing(List<MachineView> rows, String search, int all, String problem) {
    Listing {
      rows = List.copyOf(rows);
    }

    int more() {
      return all - rows.size();
    }

    /// Of what is shown: the same as long as nothing has changed.
    String seen() {
      return Integer.toHexString(
          31 * problem.hashCode() + rows.stream().map(MachineView::report).toList().hashCode());
    }
  }

  /// A question before something is lost.
  ///
  /// @param about the machine
  /// @param disks that would go with it
  /// @param problem why they cannot; empty when they can
  record Question(MachineView about, List<MachineReport.Disk> disks, String problem) {
    Question {
      disks = List.copyOf(disks);
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(new MenuItem("/machines", "machines.title", machines::allows));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/machines", this::list)
        .get("/machines/{machine}/picture", this::picture)
        .get("/machines/{machine}/delete", this::ask)
        .post("/machines/{machine}/start", this::start)
        .post("/machines/{machine}/stop", visit -> stop(visit, Machines.Stop.ASK))
        .post("/machines/{machine}/force-off", visit -> stop(visit, Machines.Stop.FORCE))
        .post("/machines/{machine}/delete", this::delete);
  }

  private View list(Visit visit) throws IOException {
    Listing listing = listing(visit);
    if (!visit.isForPart()) {
      return View.page("machine/list", listing);
    }
    return visit.query("seen").equals(listing.seen())
        ? unchanged(visit)
        : View.page("machine/rows", listing);
  }

  /// For a script that has what there is to be had.
  static View unchanged(Visit visit) {
    visit.request().status(HttpStatus.NO_CONTENT);
    return new View.Done();
  }

  private Listing listing(Visit visit) throws IOException {
    String search = visit.query("q").strip();
    String lower = search.toLowerCase(Locale.ROOT);
    try {
      List<MachineReport> found =
          machines.list(visit.caller()).stream()
              .filter(machine -> machine.name().toLowerCase(Locale.ROOT).contains(lower))
              .toList();
      return new Listing(
          found.stream()
              .limit(SHOWN_MAX)
              .map(report -> new MachineView(report, visit.text()))
              .toList(),
          search,
          found.size(),
          "");
    } catch (OperationException e) {
      if (e.kind() != Kind.BUSY && e.kind() != Kind.UNSUPPORTED) {
        throw e;
      }
      return new Listing(List.of(), search, 0, String.valueOf(e.getMessage()));
    }
  }

  private View picture(Visit visit) throws IOException {
    byte[] png = machines.picture(visit.caller(), visit.path("machine"));
    visit.request().contentType("image/png").result(png);
    return new View.Done();
  }

  private View start(Visit visit) throws IOException {
    String name = visit.path("machine");
    machines.start(visit.caller(), name);
    return back(visit, "machines.started");
  }

  private View stop(Visit visit, Machines.Stop how) throws IOException {
    machines.stop(visit.caller(), visit.path("machine"), how);
    return back(visit, how == Machines.Stop.FORCE ? "machines.forced" : "machines.asked");
  }

  /// Where the button stood.
  private static View back(Visit visit, String notice) {
    String name = visit.path("machine");
    String path =
        switch (visit.field("from")) {
          case "machine" -> MachineView.path(name);
          case "console" -> MachineView.path(name) + "/console";
          default -> "/machines";
        };
    return View.redirect(path, notice, name);
  }

  private View ask(Visit visit) throws IOException {
    String name = visit.path("machine");
    MachineView about = new MachineView(machines.show(visit.caller(), name).report(), visit.text());
    try {
      MachineDeletion deletion =
          machines.deletion(visit.caller(), name, MachineDeletion.Disks.DELETE);
      return View.page("machine/delete", new Question(about, deletion.disks(), ""));
    } catch (OperationException e) {
      if (about.active() || e.kind() != Kind.REFUSED) {
        throw e;
      }
      return View.page(
          "machine/delete", new Question(about, List.of(), String.valueOf(e.getMessage())));
    }
  }

  private View delete(Visit visit) throws IOException {
    String name = visit.path("machine");
    machines.delete(
        visit.caller(),
        name,
        visit.field("disks").equals("delete")
            ? MachineDeletion.Disks.DELETE
            : MachineDeletion.Disks.KEEP);
    return View.redirect("/machines", "machines.deleted", name);
  }
}
