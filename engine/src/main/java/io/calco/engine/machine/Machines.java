package io.calco.engine.machine;

import io.calco.catalog.Clone;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.machine.ScreenPicture;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainConsole;
import io.calco.machine.libvirt.DomainState;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.LibvirtUri;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Machines of a libvirt. Safe for several threads.
public final class Machines implements AutoCloseable {
  private final Calco calco;
  private final Connection libvirt;
  private final Actor actor;

  private Machines(Calco calco, Connection libvirt, Actor actor) {
    this.calco = calco;
    this.libvirt = libvirt;
    this.actor = actor;
  }

  /// Connects, for a command on this host.
  ///
  /// @param uri libvirt's address; what the environment names, else `qemu:///system`, if empty
  /// @throws OperationException when it is none, or nobody answers there
  public static Machines open(Calco calco, Optional<String> uri, Map<String, String> environment)
      throws IOException {
    return new Machines(calco, connect(uri, environment), Actor.command());
  }

  /// Connects to libvirt, for what needs no catalogue.
  ///
  /// @param uri as [#open] has it
  /// @throws OperationException when it is none, or nobody answers there
  public static Connection connect(Optional<String> uri, Map<String, String> environment)
      throws IOException {
    try {
      return Connection.open(
          uri.map(text -> LibvirtUri.parse(text, environment))
              .orElseGet(() -> LibvirtUri.standard(environment)));
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /// All machines, running or not, by name.
  public List<MachineReport> list() throws IOException {
    CatalogueDisk.Index index = CatalogueDisk.Index.of(calco);
    List<MachineReport> reports = new ArrayList<>();
    for (Domain domain : domains().list()) {
      try {
        reports.add(report(domain, index));
      } catch (LibvirtException e) {
        if (e.reason() != LibvirtException.Reason.NOT_FOUND) { // it went in between
          throw e;
        }
      }
    }
    reports.sort(Comparator.comparing(MachineReport::name));
    return reports;
  }

  /// One machine.
  ///
  /// @throws OperationException when there is none of that name
  public MachineReport show(String name) throws IOException {
    return report(get(name), CatalogueDisk.Index.of(calco));
  }

  /// Its description, as it will start next.
  public DomainXml xml(String name) throws IOException {
    return domains().xml(get(name), Description.STORED);
  }

  private Domains domains() {
    return libvirt.domains();
  }

  private Domain get(String name) throws IOException {
    return domains()
        .find(name)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND, "there is no machine " + name, "see: calco machine list"));
  }

  private MachineReport report(Domain domain, CatalogueDisk.Index index) throws IOException {
    DomainXml xml = domains().xml(domain, Description.LIVE);
    DomainState state = domains().state(domain);
    boolean persistent = domains().persistent(domain);
    return new MachineReport(
        domain.name(),
        domain.uuid(),
        state,
        persistent && domains().autostart(domain),
        persistent,
        xml.type(),
        xml.memory(),
        xml.processors(),
        xml.disks().stream()
            .map(disk -> new MachineReport.Disk(disk, disk.file().flatMap(index::find)))
            .toList(),
        xml.cards(),
        xml.graphics(),
        state.active() ? addresses(domain, xml) : List.of());
  }

  /// Only libvirt's own networks can tell.
  private List<String> addresses(Domain domain, DomainXml xml) throws IOException {
    if (xml.cards().stream().noneMatch(card -> card.type().equals("network"))) {
      return List.of();
    }
    try {
      return domains().interfaces(domain).stream()
          .flatMap(one -> one.addresses().stream())
          .toList();
    } catch (LibvirtException e) {
      return List.of(); // it ended in between, or its network keeps no book
    }
  }

  /// Starts a machine.
  ///
  /// @throws OperationException when it runs a template's sealed disk, or runs already
  public void start(String name) throws IOException {
    Domain domain = get(name);
    MachineReport machine = report(domain, CatalogueDisk.Index.of(calco));
    for (CatalogueDisk owner : machine.owners()) {
      if (owner instanceof CatalogueDisk.OfTemplate template) {
        throw new OperationException(
            Kind.REFUSED,
            "machine %s has the sealed disk of %s, which nothing may write"
                .formatted(name, template),
            "start a clone of it: calco clone create %s NAME".formatted(template.name()));
      }
    }
    domains().start(domain);
  }

  /// Makes a machine for a disk that has a system in it.
  ///
  /// @param format of the disk's file; found out unless stated
  /// @throws OperationException when the name is taken, or the disk is a template's or another
  ///   machine's
  public MachineReport define(
      String name, Path disk, Optional<String> format, MachineRequest request, JobContext job)
      throws IOException {
    MachineMaker maker = new MachineMaker(calco, libvirt, request);
    maker.requireFree(List.of(name));
    MachineMaker.Subject subject = maker.subject(disk, format);
    MachineIdentity identity =
        cloneWith(subject.disk()).map(MachineIdentity::of).orElseGet(MachineIdentity::fresh);
    DomainXml machine = maker.describe(name, identity, subject);
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_DEFINE, Target.named(name), subject.disk().toString()),
            () -> maker.make(machine, job));
    MachineMaker.refresh(libvirt, List.of(subject.disk()));
    return show(name);
  }

  /// Prepares machines for clones that are about to be made.
  ///
  /// @throws OperationException when a name is taken, or the machine to make twins of will not do
  public CloneMachines forClones(String template, List<String> names, MachineRequest request)
      throws IOException {
    return CloneMachines.prepare(calco, libvirt, template, names, request);
  }

  /// A machine that is to become a template.
  ///
  /// @throws OperationException when it is not off, or will not do
  public MachineTemplate template(String name) throws IOException {
    return MachineTemplate.of(calco, libvirt, get(name));
  }

  private Optional<Clone> cloneWith(Path disk) throws IOException {
    return calco.catalog().clones().stream()
        .filter(clone -> CatalogueDisk.real(clone.disk()).equals(disk))
        .findFirst();
  }

  /// How a machine is stopped.
  public enum Stop {
    /// It is asked, and does it in its own time.
    ASK,
    /// At once, as pulling the plug does.
    FORCE
  }

  /// Stops a machine, or asks it to stop.
  public void stop(String name, Stop how) throws IOException {
    Domain domain = get(name);
    if (how == Stop.FORCE) {
      domains().destroy(domain);
    } else {
      domains().shutdown(domain);
    }
  }

  /// Gives a machine that is off another name; its disks and its UUID stay as they are.
  public void rename(String name, String newName) throws IOException {
    if (domains().find(newName).isPresent()) {
      throw new OperationException(
          Kind.REFUSED, "there is a machine %s already".formatted(newName), "take another name");
    }
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_RENAME, Target.named(name), newName),
            () -> domains().rename(get(name), newName));
  }

  /// What a machine's first screen shows.
  public ScreenPicture screenshot(String name) throws IOException {
    return domains().screenshot(running(name));
  }

  /// The first console of a running machine.
  public DomainConsole console(String name, Domains.Console how) throws IOException {
    return domains().console(running(name), how);
  }

  private Domain running(String name) throws IOException {
    Domain domain = get(name);
    if (!domains().state(domain).active()) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s is off".formatted(name),
          "start it: calco machine start " + name);
    }
    return domain;
  }

  /// Deletes machines.
  public MachineDeletion deletion(String name, MachineDeletion.Disks disks) throws IOException {
    return MachineDeletion.of(calco, libvirt, show(name), disks);
  }

  /// Carries a deletion out: the machine first, as disks that are left over can be seen.
  public void delete(MachineDeletion deletion) throws IOException {
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_DELETE, Target.named(deletion.machine().name())),
            () -> deletion.carryOut(calco, libvirt, get(deletion.machine().name())));
  }

  @Override
  public void close() {
    libvirt.close();
  }
}
