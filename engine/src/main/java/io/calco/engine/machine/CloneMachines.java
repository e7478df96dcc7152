package io.calco.engine.machine;

import io.calco.catalog.Clone;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.OperationException;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainXml;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Machines for the clones of a template: twins of the template's own machine where libvirt has it,
/// or of another one, else made afresh. Made before the clones are, to know that all can be made.
/// Confined.
public final class CloneMachines {
  private final Connection libvirt;
  private final MachineMaker maker;

  private CloneMachines(Connection libvirt, MachineMaker maker) {
    this.libvirt = libvirt;
    this.maker = maker;
  }

  /// @throws OperationException when a name is taken, or the machine to make twins of will not do
  static CloneMachines prepare(
      Calco calco, Connection libvirt, String template, List<String> names, MachineRequest request)
      throws IOException {
    MachineRequest whole =
        request.like().isPresent()
            ? request
            : request.with(MachineMaker.machineOf(calco, libvirt, template));
    MachineMaker maker = new MachineMaker(calco, libvirt, whole);
    maker.requireFree(names);
    return new CloneMachines(libvirt, maker);
  }

  /// Makes a machine of each clone's name for it, with the clone's seed disc where it has one: all,
  /// or none.
  ///
  /// @throws OperationException when libvirt refuses one; the clones are there
  public void define(List<CloneReport> clones, JobContext job) throws IOException {
    List<Domain> made = new ArrayList<>();
    List<Path> disks = new ArrayList<>();
    try {
      for (CloneReport report : clones) {
        job.checkCancelled();
        job.progress("defining machines", made.size(), clones.size());
        Clone clone = report.facts();
        disks.add(clone.disk());
        DomainXml machine =
            maker.describe(
                clone.name(),
                MachineIdentity.of(clone),
                new MachineMaker.Subject(CatalogueDisk.real(clone.disk()), clone.format()));
        made.add(maker.make(report.seed().map(machine::withDisc).orElse(machine), job));
      }
    } catch (IOException | RuntimeException e) {
      maker.unmake(made, e);
      OperationException told = OperationException.of(e);
      OperationException failure =
          new OperationException(
              told.kind(),
              "the clones are made, their machines are not: " + told.getMessage(),
              "mend that, then for each: calco machine define DISK --name NAME");
      failure.addSuppressed(e);
      throw failure;
    }
    MachineMaker.refresh(libvirt, disks);
  }
}
