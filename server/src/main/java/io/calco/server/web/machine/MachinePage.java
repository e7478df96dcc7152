package io.calco.server.web.machine;

import io.calco.engine.CloneReport;
import io.calco.engine.OperationException;
import io.calco.engine.host.ConsoleKind;
import io.calco.engine.host.HostMachines;
import io.calco.engine.host.HostWork;
import io.calco.engine.machine.CatalogueDisk;
import io.calco.engine.machine.MachineReport;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// `/machines/{machine}`: one of them, live.
public final class MachinePage implements Page {
  private final HostMachines machines;
  private final HostWork host;

  /// Shows this host's.
  ///
  /// @param host knows what its disks were made of
  public MachinePage(HostMachines machines, HostWork host) {
    this.machines = machines;
    this.host = host;
  }

  /// A machine.
  ///
  /// @param machine as it is
  /// @param disks in their order
  /// @param consoles how it can be talked to
  /// @param xml its description
  /// @param admin whether an administrator asks, who sees backups
  record Model(
      MachineView machine,
      List<DiskLine> disks,
      List<ConsoleKind> consoles,
      String xml,
      boolean admin) {
    Model {
      disks = List.copyOf(disks);
      consoles = List.copyOf(consoles);
    }

    boolean talks() {
      return machine.active() && !consoles.isEmpty();
    }

    /// Of what is shown: the same as long as nothing has changed.
    String seen() {
      return Integer.toHexString(31 * machine.report().hashCode() + disks.hashCode());
    }
  }

  /// A disk, and what it comes from.
  ///
  /// @param template whose disk it is, or was made from; empty for neither
  /// @param version of that template
  /// @param templateThere whether that template still is
  /// @param cloneName whose disk it is; empty for none
  record DiskLine(
      MachineReport.Disk disk,
      Optional<String> template,
      int version,
      boolean templateThere,
      Optional<String> cloneName) {}

  @Override
  public void addTo(PageRoutes routes) {
    routes.get("/machines/{machine}", this::show);
  }

  private View show(Visit visit) throws IOException {
    HostMachines.Known known = machines.show(visit.caller(), visit.path("machine"));
    List<DiskLine> disks = new ArrayList<>();
    for (MachineReport.Disk disk : known.report().disks()) {
      disks.add(line(visit, disk));
    }
    Model model =
        new Model(
            new MachineView(known.report(), visit.text()),
            disks,
            Arrays.stream(ConsoleKind.values())
                .filter(kind -> kind.isOf(known.consoles()))
                .toList(),
            known.xml().toString(),
            visit.caller().isAdmin());
    if (!visit.isForPart()) {
      return View.page("machine/show", model);
    }
    return visit.query("seen").equals(model.seen())
        ? MachinesPage.unchanged(visit)
        : View.page("machine/state", model);
  }

  private DiskLine line(Visit visit, MachineReport.Disk disk) throws IOException {
    Optional<CatalogueDisk> owner = disk.owner();
    if (owner.isPresent() && owner.get() instanceof CatalogueDisk.OfTemplate of) {
      return new DiskLine(disk, Optional.of(of.name()), of.version(), true, Optional.empty());
    }
    if (owner.isPresent() && owner.get() instanceof CatalogueDisk.OfClone(String name)) {
      try {
        CloneReport clone = host.clone(visit.caller(), name);
        return new DiskLine(
            disk,
            Optional.of(clone.facts().template()),
            clone.facts().templateVersion(),
            clone.facts().versionId().isPresent(),
            Optional.of(name));
      } catch (OperationException e) {
        return new DiskLine(disk, Optional.empty(), 0, false, Optional.of(name)); // it just went
      }
    }
    return new DiskLine(disk, Optional.empty(), 0, false, Optional.empty());
  }
}
