package io.calco.engine.classroom;

import io.calco.catalog.Catalog;
import io.calco.catalog.Classroom;
import io.calco.catalog.Clone;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.CloneDeltas.Delta;
import io.calco.engine.CloneReport;
import io.calco.engine.CloneRequest;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.machine.CloneDeletion;
import io.calco.engine.machine.CloneMachine;
import io.calco.engine.machine.CloneMachines;
import io.calco.engine.machine.MachineRequest;
import io.calco.engine.machine.MachineReset;
import io.calco.engine.machine.Machines;
import io.calco.engine.machine.Machines.Frozen;
import io.calco.engine.machine.Machines.Stop;
import io.calco.engine.machine.PacedStart;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Work on classes. Safe for several threads.
public final class Classes {
  private final Calco calco;
  private final Optional<Machines> machines;
  private final Actor actor;

  /// @param machines the libvirt that has the classes' machines, which stays its caller's; where
  ///   there is none, seats are told without machines
  public Classes(Calco calco, Optional<Machines> machines, Actor actor) {
    this.calco = calco;
    this.machines = machines;
    this.actor = actor;
  }

  /// All classes by name.
  public List<ClassReport> list() throws IOException {
    return list(running());
  }

  /// All classes by name, with machines that were asked for before.
  ///
  /// @param running by the names of their clones
  public List<ClassReport> list(Map<String, CloneMachine> running) throws IOException {
    List<ClassReport> reports = new ArrayList<>();
    for (Classroom classroom : calco.catalog().classes().all()) {
      reports.add(report(classroom, running));
    }
    return reports;
  }

  /// One class.
  ///
  /// @throws OperationException when there is none of that name
  public ClassReport show(String name) throws IOException {
    return show(name, running());
  }

  /// The same, with machines that were asked for before.
  ///
  /// @param running by the names of their clones
  public ClassReport show(String name, Map<String, CloneMachine> running) throws IOException {
    return report(get(name), running);
  }

  private Classroom get(String name) throws IOException {
    return calco
        .catalog()
        .classes()
        .find(name)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND, "there is no class " + name, "see: calco class list"));
  }

  private Map<String, CloneMachine> running() throws IOException {
    return machines.isPresent() ? machines.get().ofClones() : Map.of();
  }

  private ClassReport report(Classroom classroom, Map<String, CloneMachine> running)
      throws IOException {
    List<Seat> seats = new ArrayList<>();
    for (Classroom.Place place : calco.catalog().classes().places(classroom)) {
      CloneReport disk = CloneReport.of(place.seated());
      seats.add(
          new Seat(
              place.number(),
              disk,
              Optional.ofNullable(running.get(place.seated().name())),
              disk.allocatedSize() > classroom.quota().orElse(Long.MAX_VALUE)));
    }
    return new ClassReport(classroom, origin(classroom), seats);
  }

  private Optional<ClassReport.Origin> origin(Classroom classroom) throws IOException {
    Optional<TemplateVersion> version =
        classroom.versionId().isPresent()
            ? calco.catalog().findVersion(classroom.versionId().get())
            : Optional.empty();
    if (version.isEmpty()) {
      return Optional.empty();
    }
    TemplateVersion found = version.get();
    return calco.catalog().templates().stream()
        .filter(template -> template.id().equals(found.templateId()))
        .map(Template::name)
        .findFirst()
        .map(template -> new ClassReport.Origin(template, found.version()));
  }

  /// Makes a class with its clones, or nothing; then their machines.
  ///
  /// @throws OperationException when a name is taken, or as from making clones and machines
  public ClassReport create(ClassRequest request, JobContext job) throws IOException {
    CloneRequest clones = request.clones();
    if (calco.catalog().classes().find(request.name()).isPresent()) {
      throw new OperationException(
          Kind.REFUSED,
          "there is a class %s already".formatted(request.name()),
          "give it more seats with: calco class resize %s SEATS".formatted(request.name()));
    }
    make(
        clones,
        request.machines(),
        made -> {
          Classroom classroom =
              new Classroom(
                  Catalog.newId(),
                  request.name(),
                  request.prefix(),
                  made.getFirst().versionId(),
                  request.quota(),
                  request.pace(),
                  Instant.now());
          calco.catalog().classes().add(classroom);
          for (int i = 0; i < made.size(); i++) {
            calco.catalog().classes().seat(classroom, i + 1, made.get(i));
          }
          record(Action.CLASS_CREATE, request.name(), made.size() + " seats");
        },
        job);
    return show(request.name());
  }

  private interface Recording {
    void of(List<Clone> made) throws IOException;
  }

  /// It is known that machines can be made before clones are.
  private void make(
      CloneRequest clones, Optional<MachineRequest> wanted, Recording recording, JobContext job)
      throws IOException {
    Optional<CloneMachines> prepared =
        wanted.isPresent()
            ? Optional.of(libvirt().forClones(clones.template(), clones.names(), wanted.get()))
            : Optional.empty();
    List<CloneReport> made = calco.clones(actor).create(clones, recording::of, job);
    if (prepared.isPresent()) {
      prepared.get().define(made, job);
    }
  }

  private void record(Action action, String name, String detail) throws IOException {
    calco.audit().done(new Deed(actor, action, Target.named(name), detail));
  }

  private Machines libvirt() {
    return machines.orElseThrow(() ->
        new OperationException(
            Kind.SYSTEM,
            "no libvirt listens here",
            "start libvirtd, or name another one with --connect"));
  }

  /// The machines of a class.
  ///
  /// @throws OperationException when it has none
  private List<CloneMachine> having(ClassReport report) {
    List<CloneMachine> all =
        report.seats().stream().flatMap(seat -> seat.machine().stream()).toList();
    if (all.isEmpty()) {
      libvirt();
      throw new OperationException(
          Kind.REFUSED,
          "class %s has no machines".formatted(report.name()),
          "make them: calco machine define DISK --name NAME, for each");
    }
    return all;
  }

  /// Starts the machines of a class that are off, in the order of their seats.
  ///
  /// @param pace time between one's start and the next one's; the class's unless stated
  /// @throws OperationException when a seat's disk takes more than the quota; none is started then
  public ClassReport start(String name, Optional<Duration> pace, JobContext job)
      throws IOException {
    ClassReport report = show(name);
    having(report);
    List<String> over = report.seats().stream().filter(Seat::overQuota).map(Seat::name).toList();
    if (!over.isEmpty()) {
      throw new OperationException(
          Kind.LIMIT,
          "%s: over the quota of class %s".formatted(String.join(", ", over), name),
          "reset them (calco clone reset NAME), or raise it: calco class set %s --quota SIZE"
              .formatted(name));
    }
    List<String> off =
        report.seats().stream()
            .filter(seat -> !seat.active())
            .flatMap(seat -> seat.machine().stream())
            .map(CloneMachine::name)
            .toList();
    new PacedStart(libvirt(), pace.orElse(report.facts().pace())).start(off, job);
    return show(name);
  }

  /// Stops the machines of a class that run, or asks them to stop.
  public ClassReport stop(String name, Stop how) throws IOException {
    ClassReport report = show(name);
    for (CloneMachine machine : having(report)) {
      if (machine.state().active()) {
        libvirt().stop(machine.name(), how);
      }
    }
    return show(name);
  }

  /// Looks whether a class can be reset.
  ///
  /// @throws OperationException when one of its clones cannot be
  public MachineReset reset(String name, MachineReset.Running running, JobContext job)
      throws IOException {
    return MachineReset.plan(calco, machines, actor, show(name).names(), running, job);
  }

  /// Freezes the machines of a class, which are off, or thaws them.
  ///
  /// @throws OperationException when one is not off; those before it are changed
  public ClassReport freeze(String name, Frozen how) throws IOException {
    ClassReport report = show(name);
    List<CloneMachine> all = having(report);
    List<String> active =
        all.stream().filter(one -> one.state().active()).map(CloneMachine::name).toList();
    if (!active.isEmpty()) {
      throw new OperationException(
          Kind.REFUSED,
          "not off: " + String.join(", ", active),
          "stop them first: calco class stop " + name);
    }
    for (CloneMachine machine : all) {
      if (machine.frozen() != (how == Frozen.FROZEN)) {
        libvirt().freeze(machine.name(), how);
      }
    }
    record(Action.CLASS_CHANGE, name, how.text());
    return show(name);
  }

  /// Writes what each clone of a class holds beyond the template into a directory.
  ///
  /// @throws OperationException when a machine runs, or a file is there; none is written then
  public List<Delta> collect(String name, Path directory, JobContext job) throws IOException {
    List<String> names = show(name).names();
    calco.deltas(actor).requireExportable(names, directory);
    List<Delta> deltas = new ArrayList<>();
    for (String one : names) {
      job.progress("collecting", deltas.size(), names.size());
      deltas.add(calco.deltas(actor).export(one, directory, job));
    }
    return deltas;
  }

  /// Sets a class's limits.
  public ClassReport set(String name, OptionalLong quota, Duration pace) throws IOException {
    Classroom changed = get(name).with(quota, pace);
    calco
        .catalog()
        .inTransaction(() -> {
          calco.catalog().classes().update(changed);
          record(
              Action.CLASS_CHANGE,
              name,
              "quota %d, pace %d ms".formatted(quota.orElse(0), pace.toMillis()));
        });
    return show(name);
  }

  /// What giving a class other seats would do.
  public ClassResize resize(String name, int seats) throws IOException {
    return ClassResize.of(show(name), seats);
  }

  /// Makes the seats that a class lacks, with machines as its first seat's where that has one.
  ///
  /// @param clones as [ClassResize#clones] has them
  public ClassReport grow(ClassResize resize, CloneRequest clones, JobContext job)
      throws IOException {
    ClassReport before = resize.before();
    Optional<MachineRequest> model =
        before.seats().stream()
            .flatMap(seat -> seat.machine().stream())
            .map(machine -> MachineRequest.twinOf(machine.name()))
            .findFirst();
    make(
        clones,
        model,
        made -> {
          for (int i = 0; i < made.size(); i++) {
            calco.catalog().classes().seat(before.facts(), resize.added().get(i), made.get(i));
          }
          record(Action.CLASS_CHANGE, before.name(), made.size() + " more seats");
        },
        job);
    return show(before.name());
  }

  /// Looks whether seats can be deleted.
  ///
  /// @throws OperationException when a machine runs, or has other disks as well
  public CloneDeletion deletion(List<Seat> seats) throws IOException {
    return CloneDeletion.plan(
        calco,
        machines,
        actor,
        seats.stream().map(Seat::name).toList(),
        CloneDeletion.Fate.UNDEFINE);
  }

  /// Deletes seats that a class has too many.
  public ClassReport shrink(ClassResize resize, CloneDeletion deletion) throws IOException {
    deletion.carryOut();
    record(Action.CLASS_CHANGE, resize.before().name(), deletion.clones().size() + " fewer seats");
    return show(resize.before().name());
  }

  /// Deletes a class with its clones and their machines.
  ///
  /// @param deletion of all its seats
  public void delete(String name, CloneDeletion deletion) throws IOException {
    deletion.carryOut();
    Classroom classroom = get(name);
    calco
        .catalog()
        .inTransaction(() -> {
          calco.catalog().classes().delete(classroom);
          record(Action.CLASS_DELETE, name, "");
        });
  }
}
