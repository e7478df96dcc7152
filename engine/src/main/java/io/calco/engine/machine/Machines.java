package io.calco.engine.machine;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.disk.RateLimit;
import io.calco.engine.Adoption;
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
import io.calco.machine.libvirt.DomainEvents;
import io.calco.machine.libvirt.DomainState;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.LibvirtUri;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

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

  /// Connects to whosever machines, for a command on this host.
  ///
  /// @param uri libvirt's address; what the environment names, else `qemu:///system`, if empty
  /// @throws OperationException when it is none, or nobody answers there
  static Machines anywhere(Calco calco, Optional<String> uri, Map<String, String> environment)
      throws IOException {
    return new Machines(
        calco, Connection.open(LibvirtSearch.address(uri, environment)), Actor.command());
  }

  /// Connects as [#anywhere], for what needs the machines' disks.
  ///
  /// @throws OperationException also when they are another host's
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
    return Connection.open(LibvirtSearch.here(uri, environment));
  }

  /// Connects as [#open] does; where nobody named a libvirt, empty when none listens that this user
  /// may ask.
  public static Optional<Machines> find(
      Calco calco, Optional<String> uri, Map<String, String> environment) throws IOException {
    return LibvirtSearch.find(uri, environment, Connection.PATIENCE)
        .map(libvirt -> new Machines(calco, libvirt, Actor.command()));
  }

  /// Connects, for a server.
  ///
  /// @param patience how long libvirt may take for an answer
  /// @throws IOException when nobody answers there
  public static Machines open(Calco calco, LibvirtUri address, Duration patience)
      throws IOException {
    return new Machines(calco, Connection.open(address, patience), Actor.server());
  }

  /// The same, by the same connection, for somebody else.
  public Machines as(Actor other) {
    return new Machines(calco, libvirt, other);
  }

  /// False once nothing can be asked any more.
  public boolean alive() {
    return libvirt.alive();
  }

  /// Ends the connection at once, whether or not libvirt still answers.
  public void hangUp() {
    libvirt.hangUp();
  }

  /// Asks to be told what happens to them.
  ///
  /// @throws LibvirtException when libvirt cannot tell
  public DomainEvents events() throws IOException {
    return libvirt.events();
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
    return domains().xml(get(name), Description.STORED).toString();
  }

  @Override
  public void edit(String name, String seen, String record) throws IOException {
    DomainXml xml;
    Optional<UUID> uuid;
    try {
      xml = DomainXml.parse(record);
      uuid = xml.uuid();
    } catch (IOException | IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, "machine %s: %s".formatted(name, e.getMessage()));
    }
    requireSame(name, seen, xml.name(), uuid);
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_DEFINE, Target.named(name), "edited"),
            () -> domains().define(xml));
  }

  /// Its description as it runs, or as it will start when it is off; without its secrets.
  public DomainXml live(String name) throws IOException {
    return domains().xml(get(name), Description.LIVE);
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
      throw LibvirtSearch.elsewhere();
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
            .map(disk ->
                new MachineReport.Disk(
                    disk,
                    disk.file()
                        .map(file -> CloneMachine.below(file, domain.name()))
                        .flatMap(index::find)))
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
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_START, Target.named(name)),
            () -> {
              new GuestWrites(domains()).clear(domain);
              domains().start(domain);
            });
  }

  /// The machines of clones, by the clones' names.
  public Map<String, CloneMachine> ofClones() throws IOException {
    return CloneMachine.ask(calco, libvirt);
  }

  /// Freezes a machine that is off, or thaws it: what the guest of a frozen one writes is gone once
  /// it is off again, whoever starts and stops it.
  ///
  /// @throws OperationException when it is not off, or goes on from saved memory or snapshots,
  ///   which need what was written
  public void freeze(String name, Frozen how) throws IOException {
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_DEFINE, Target.named(name), how.text()),
            () -> new GuestWrites(domains()).freeze(get(name), how));
  }

  /// What becomes of what a guest writes.
  public enum Frozen {
    /// It is gone once the machine is off.
    FROZEN,
    /// It stays.
    THAWED;

    /// In small letters.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Makes sure that a machine has no snapshots, which rest on what its disk holds.
  void requireNoSnapshots(String name) throws IOException {
    new GuestWrites(domains()).requireNoSnapshots(get(name));
  }

  /// Forgets a machine's saved memory, when there is any.
  void forgetSaved(String name) throws IOException {
    new GuestWrites(domains()).forgetSaved(get(name));
  }

  /// Has libvirt see what became of files.
  void refresh(List<Path> files) throws IOException {
    MachineMaker.refresh(libvirt, files);
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

  /// Takes a machine's disks into the catalogue, where they are.
  ///
  /// @param name of its first disk's clone; the machine's unless stated
  /// @param template that an image gets which a disk rests on and which is no template yet
  /// @param policy which files the disks may rest on, besides those of the catalogue
  /// @return its disks; of those that were recorded already nothing was changed
  /// @throws OperationException when a disk is no file, is a template's, or rests on what can be
  ///   none
  public List<Adoption.Adopted> adopt(
      String machine,
      Optional<String> name,
      Optional<String> template,
      OpenPolicy policy,
      JobContext job)
      throws IOException {
    requireLocal();
    return new MachineAdoption(calco, show(machine), template, policy)
        .adopt(name.orElse(machine), job);
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
    boolean force = how == Stop.FORCE;
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_STOP, Target.named(name), force ? "by force" : ""),
            () -> {
              if (force) {
                domains().destroy(domain);
              } else {
                domains().shutdown(domain);
              }
            });
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

  /// Starts a machine at once from a disk that is elsewhere, and copies that in while it runs.
  ///
  /// @param source only read
  /// @param remarks hears when it runs
  /// @throws OperationException when a name or a file is taken; CANCELLED when it was stopped, and
  ///   the machine is switched off then
  public MachineReport recover(
      Disk source, RecoveryOrder order, Consumer<String> remarks, JobContext job)
      throws IOException {
    requireLocal();
    calco
        .audit()
        .make(
            new Deed(
                actor, Action.MACHINE_DEFINE, Target.named(order.name()), order.disk().toString()),
            () -> new Recovery(calco, libvirt, order).run(source, remarks, job));
    return show(order.name());
  }

  /// Copies into a running machine's disks what they have at servers, so that it needs those no
  /// more.
  ///
  /// @return the disks that were copied, by their places in the guest
  /// @throws OperationException when it is off, or a disk has nothing of its own to copy into
  public List<String> migrateIn(String name, RateLimit rate, JobContext job) throws IOException {
    Domain domain = running(name);
    List<String> copied = new ArrayList<>();
    for (DomainXml.Disk disk : domains().xml(domain, Description.LIVE).disks()) {
      RunningDisk here = new RunningDisk(libvirt.disk(domain, disk.target()));
      if (here.elsewhere()) {
        here.flatten(rate, job);
        copied.add(disk.target());
      }
    }
    return copied;
  }

  @Override
  public Optional<RunningDisk> runningDisk(Path file) throws IOException {
    requireLocal();
    return RunningDisk.find(libvirt, file);
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
