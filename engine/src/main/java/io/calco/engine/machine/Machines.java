package io.calco.engine.machine;

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
public final class Machines implements MachineHost {
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
    LibvirtUri address;
    try {
      address =
          uri.map(text -> LibvirtUri.parse(text, environment))
              .orElseGet(() -> LibvirtUri.standard(environment));
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
    return new Machines(calco, Connection.open(address), Actor.command());
  }

  @Override
  public List<MachineReport> list() throws IOException {
    CatalogueDisk.Index index = index();
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

  @Override
  public MachineReport show(String name) throws IOException {
    return report(get(name), index());
  }

  @Override
  public String record(String name) throws IOException {
    return xml(name).toString();
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

  /// Another host's files are not ours, whatever they are called.
  private CatalogueDisk.Index index() throws IOException {
    return libvirt.local() ? CatalogueDisk.Index.of(calco) : new CatalogueDisk.Index(Map.of());
  }

  /// Makes sure that the disks of these machines are files of this host.
  ///
  /// @throws OperationException when they are another's
  void requireLocal() {
    if (!libvirt.local()) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          "the disks of these machines are on another host",
          "run calco there; machines are listed, started, stopped, looked at, and deleted with"
              + " --keep-disk from here");
    }
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

  @Override
  public void start(String name) throws IOException {
    Domain domain = get(name);
    report(domain, index()).requireNoTemplate();
    domains().start(domain);
  }

  @Override
  public MachineReport define(
      String name, Path disk, Optional<String> format, MachineRequest request, JobContext job)
      throws IOException {
    requireLocal();
    MachineMaker maker = new MachineMaker(calco, libvirt, request);
    maker.requireFree(List.of(name));
    MachineMaker.Subject subject = maker.subject(disk, format);
    MachineIdentity identity = MachineIdentity.ofDisk(calco, subject.disk());
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
    requireLocal();
    return CloneMachines.prepare(calco, libvirt, template, names, request);
  }

  /// A machine that is to become a template.
  ///
  /// @throws OperationException when it is not off, or will not do
  public MachineTemplate template(String name) throws IOException {
    requireLocal();
    return MachineTemplate.of(calco, libvirt, get(name));
  }

  /// How a machine is stopped.
  public enum Stop {
    /// It is asked, and does it in its own time.
    ASK,
    /// At once, as pulling the plug does.
    FORCE
  }

  @Override
  public void stop(String name, Stop how) throws IOException {
    Domain domain = get(name);
    if (how == Stop.FORCE) {
      domains().destroy(domain);
    } else {
      domains().shutdown(domain);
    }
  }

  @Override
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

  @Override
  public ScreenPicture screenshot(String name) throws IOException {
    return domains().screenshot(running(name));
  }

  @Override
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

  @Override
  public MachineDeletion deletion(String name, MachineDeletion.Disks disks) throws IOException {
    if (disks == MachineDeletion.Disks.DELETE) {
      requireLocal();
    }
    return MachineDeletion.of(calco, libvirt, show(name), disks);
  }

  @Override
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
