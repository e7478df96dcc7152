package io.calco.engine.machine;

import io.calco.disk.ImageLock;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.machine.Machines.Stop;
import io.calco.machine.DiskLayer;
import io.calco.machine.LiveDisk;
import io.calco.machine.MachineConsole;
import io.calco.machine.MachineSettings;
import io.calco.machine.PlainMachine;
import io.calco.machine.PlainMachines;
import io.calco.machine.ScreenPicture;
import io.calco.machine.libvirt.DomainState;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.MachineNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Machines that QEMU alone runs, on hosts without libvirt. They are kept in the home, and known to
/// nobody else. Safe for several threads.
public final class PlainHost implements MachineHost {
  private static final MachineNetwork STANDARD_NETWORK = new MachineNetwork.User();

  private final Calco calco;
  private final PlainMachines machines;
  private final Actor actor;

  private PlainHost(Calco calco, PlainMachines machines, Actor actor) {
    this.calco = calco;
    this.machines = machines;
    this.actor = actor;
  }

  /// Those of a home, for a command on this host.
  static PlainHost open(Calco calco) {
    return new PlainHost(calco, new PlainMachines(calco.home().machines()), Actor.command());
  }

  @Override
  public List<MachineReport> list() throws IOException {
    CatalogueDisk.Index index = CatalogueDisk.Index.of(calco);
    List<MachineReport> reports = new ArrayList<>();
    for (PlainMachine machine : machines.list()) {
      reports.add(report(machine, index));
    }
    reports.sort(Comparator.comparing(MachineReport::name));
    return reports;
  }

  @Override
  public MachineReport show(String name) throws IOException {
    return report(get(name), CatalogueDisk.Index.of(calco));
  }

  @Override
  public String record(String name) throws IOException {
    return get(name).toString();
  }

  @Override
  public void edit(String name, String seen, String record) throws IOException {
    PlainMachine machine;
    try {
      machine = PlainMachine.parse(record, Path.of(name));
    } catch (IOException e) {
      throw new OperationException(Kind.USAGE, "machine " + e.getMessage());
    }
    requireSame(name, seen, machine.name(), Optional.of(machine.uuid()));
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_DEFINE, Target.named(name), "edited"),
            () -> machines.replace(machine));
  }

  private PlainMachine get(String name) throws IOException {
    return machines
        .find(name)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND, "there is no machine " + name, "see: calco machine list"));
  }

  private MachineReport report(PlainMachine machine, CatalogueDisk.Index index) throws IOException {
    MachineSettings settings = machine.settings();
    DomainXml.Disk disk =
        new DomainXml.Disk(
            machine.target(),
            settings.bus().name().toLowerCase(Locale.ROOT),
            DomainXml.Disk.Kind.DISK,
            Optional.of(machine.disk()),
            Optional.of(machine.format()),
            false,
            false);
    return new MachineReport(
        machine.name(),
        machine.uuid(),
        machines.status(machine.name()).map(PlainHost::state).orElse(DomainState.SHUT_OFF),
        false,
        true,
        settings.accelerator().here().label(),
        (long) settings.memoryMiB() << 20,
        settings.processors(),
        List.of(new MachineReport.Disk(disk, index.find(machine.disk()))),
        machine.mac().stream()
            .map(mac -> new DomainXml.Card(Optional.of(mac), "user", Optional.empty()))
            .toList(),
        List.of(),
        List.of());
  }

  /// Of QEMU's `RunState`.
  private static DomainState state(String status) {
    return switch (status) {
      case "paused", "prelaunch", "io-error", "internal-error" -> DomainState.PAUSED;
      case "suspended" -> DomainState.SUSPENDED;
      case "shutdown" -> DomainState.SHUTTING_DOWN;
      case "guest-panicked" -> DomainState.CRASHED;
      default -> DomainState.RUNNING;
    };
  }

  @Override
  public MachineReport define(
      String name, Path disk, Optional<String> format, MachineRequest request, JobContext job)
      throws IOException {
    requireFree(name);
    if (request.like().isPresent()) {
      throw new OperationException(
          Kind.UNSUPPORTED, "QEMU alone makes no twins", "leave out --like");
    }
    MachineMaker.Subject subject = MachineMaker.look(calco, disk, format);
    Set<String> macs = new HashSet<>();
    for (PlainMachine other : machines.list()) {
      other.mac().ifPresent(macs::add);
      if (CatalogueDisk.real(other.disk()).equals(subject.disk())) {
        throw MachineMaker.taken(subject.disk(), other.name());
      }
    }
    MachineIdentity identity = MachineIdentity.ofDisk(calco, subject.disk());
    Optional<String> mac =
        switch (request.network().orElse(STANDARD_NETWORK)) {
          case MachineNetwork.User() -> Optional.of(identity.macs(1, macs).getFirst());
          case MachineNetwork.None() -> Optional.empty();
          case MachineNetwork.Named(String network) -> throw noNetwork(network);
          case MachineNetwork.Bridge(String bridge) -> throw noNetwork(bridge);
        };
    PlainMachine machine;
    try {
      machine =
          new PlainMachine(
              name,
              identity.uuid(),
              settings(name, request, subject),
              subject.disk(),
              subject.format(),
              mac);
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
    Optional<OperationException> missing = BootTrial.missing(name, machine.settings().firmware());
    if (missing.isPresent()) {
      throw missing.get();
    }
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_DEFINE, Target.named(name), subject.disk().toString()),
            () -> machines.add(machine));
    return show(name);
  }

  private static OperationException noNetwork(String name) {
    return new OperationException(
        Kind.UNSUPPORTED,
        "QEMU alone has no network " + name,
        "--network user leads out by NAT, --network none nowhere");
  }

  private MachineSettings settings(String name, MachineRequest stated, MachineMaker.Subject subject)
      throws IOException {
    MachineRequest request = MachineMaker.withDefaults(calco, stated, name, subject);
    MachineSettings defaults = MachineSettings.defaults();
    return new MachineSettings(
        request.accelerator(),
        request.firmware().orElseThrow(),
        request.bus().orElseThrow(),
        request.memory().isPresent()
            ? Math.toIntExact(Math.min(request.memory().getAsLong() >> 20, 1 << 30))
            : defaults.memoryMiB(),
        request.processors().orElse(defaults.processors()));
  }

  private void requireFree(String name) throws IOException {
    if (machines.find(name).isPresent()) {
      throw new OperationException(
          Kind.REFUSED,
          "there is a machine %s already".formatted(name),
          "take another name, or see: calco machine show " + name);
    }
  }

  @Override
  public void start(String name) throws IOException {
    PlainMachine machine = get(name);
    MachineReport report = report(machine, CatalogueDisk.Index.of(calco));
    report.requireNoTemplate();
    if (report.state().active()) {
      throw new OperationException(
          Kind.REFUSED, "machine %s is %s".formatted(name, report.state().label()));
    }
    machines.start(machine);
  }

  @Override
  public void stop(String name, Stop how) throws IOException {
    running(name);
    if (how == Stop.FORCE) {
      machines.kill(name);
    } else {
      machines.shutdown(name);
    }
  }

  @Override
  public void rename(String name, String newName) throws IOException {
    PlainMachine machine = get(name);
    requireFree(newName);
    requireOff(show(name));
    try {
      machine.named(newName);
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_RENAME, Target.named(name), newName),
            () -> machines.rename(machine, newName));
  }

  @Override
  public ScreenPicture screenshot(String name) throws IOException {
    running(name);
    return machines.screenshot(name);
  }

  /// QEMU keeps who comes second waiting; nobody is put out.
  @Override
  public MachineConsole console(String name, Domains.Console how) throws IOException {
    running(name);
    if (machines.consoleTaken(name)) {
      throw new OperationException(
          Kind.BUSY,
          "somebody talks to machine %s already".formatted(name),
          "wait until they leave");
    }
    return machines.console(name);
  }

  @Override
  public Optional<RunningDisk> runningDisk(Path file) throws IOException {
    Map<LiveDisk, List<DiskLayer>> running = new LinkedHashMap<>();
    for (PlainMachine machine : machines.list()) {
      if (machines.status(machine.name()).isPresent()) {
        LiveDisk disk = machines.disk(machine);
        running.put(disk, disk.layers());
      }
    }
    return RunningDisk.find(running, file);
  }

  private void running(String name) throws IOException {
    get(name);
    if (machines.status(name).isEmpty()) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s is off".formatted(name),
          "start it: calco machine start " + name);
    }
  }

  private static void requireOff(MachineReport machine) {
    if (machine.state().active()) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s is %s".formatted(machine.name(), machine.state().label()),
          "stop it first: calco machine stop " + machine.name());
    }
  }

  @Override
  public MachineDeletion deletion(String name, MachineDeletion.Disks fate) throws IOException {
    MachineReport machine = show(name);
    requireOff(machine);
    List<MachineReport.Disk> disks = new ArrayList<>();
    for (MachineReport.Disk disk : machine.disks()) {
      Path file = disk.facts().file().orElseThrow();
      if (fate == MachineDeletion.Disks.DELETE && Files.isRegularFile(file)) {
        MachineDeletion.requireUnneeded(calco, disk, file, Set.of());
        ImageLock.requireUnused(file);
        disks.add(disk);
      }
    }
    return new MachineDeletion(machine, disks);
  }

  @Override
  public void delete(MachineDeletion deletion) throws IOException {
    String name = deletion.machine().name();
    calco
        .audit()
        .make(
            new Deed(actor, Action.MACHINE_DELETE, Target.named(name)),
            () -> {
              requireOff(show(name));
              machines.remove(name);
              deletion.deleteDisks(calco);
            });
  }

  @Override
  public void close() {
    // Machines run by themselves.
  }
}
