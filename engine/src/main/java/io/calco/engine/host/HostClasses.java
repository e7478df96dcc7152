package io.calco.engine.host;

import io.calco.catalog.BackgroundJob;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.audit.Actor;
import io.calco.engine.classroom.ClassReport;
import io.calco.engine.classroom.Classes;
import io.calco.engine.identity.Caller;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import io.calco.engine.machine.MachineReset;
import io.calco.engine.machine.Machines;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Classes of this host, with their machines, for callers of a server: those who may work with
/// machines.
///
/// Thread rule: safe for several threads.
public final class HostClasses {
  private final Calco calco;
  private final Jobs jobs;
  private final HostMachines machines;

  /// Classes of this host.
  ///
  /// @param machines what has their machines
  public HostClasses(Calco calco, Jobs jobs, HostMachines machines) {
    this.calco = calco;
    this.jobs = jobs;
    this.machines = machines;
  }

  /// True when the caller may.
  public boolean allows(Caller caller) {
    return machines.allows(caller);
  }

  private Classes of(Machines libvirt, Actor actor) {
    return new Classes(calco, Optional.of(libvirt.as(actor)), actor);
  }

  /// All classes by name.
  public List<ClassReport> list(Caller caller) throws IOException {
    return looking(caller).list(machines.ofClones(caller));
  }

  /// One class as it is now.
  ///
  /// @throws io.calco.engine.OperationException NOT_FOUND when there is none of that name
  public ClassReport show(Caller caller, String name) throws IOException {
    return looking(caller).show(name, machines.ofClones(caller));
  }

  private Classes looking(Caller caller) {
    return new Classes(calco, Optional.empty(), machines.actor(caller));
  }

  /// Begins to start the machines of a class that are off, in the order of their seats.
  public BackgroundJob start(Caller caller, String name) throws IOException {
    return begin(
        caller,
        JobKind.CLASS_START,
        name,
        (classes, job) -> classes.start(name, Optional.empty(), job));
  }

  /// Begins to stop the machines of a class that run, or to ask them to stop.
  public BackgroundJob stop(Caller caller, String name, Machines.Stop how) throws IOException {
    return begin(caller, JobKind.CLASS_STOP, name, (classes, job) -> classes.stop(name, how));
  }

  /// Begins to take all clones of a class back to their first state. Machines that run are stopped
  /// at once, and started again.
  public BackgroundJob reset(Caller caller, String name) throws IOException {
    return begin(
        caller,
        JobKind.CLASS_RESET,
        name,
        (classes, job) ->
            classes
                .reset(name, MachineReset.Running.STOP, job)
                .carryOut(classes.show(name).facts().pace(), job));
  }

  /// What a job does to a class.
  @FunctionalInterface
  private interface Deed {
    void to(Classes classes, JobContext job) throws IOException;
  }

  private BackgroundJob begin(Caller caller, JobKind kind, String name, Deed deed)
      throws IOException {
    Actor actor = machines.actor(caller);
    LibvirtLink link = machines.link(caller);
    show(caller, name); // that there is none, is told at once
    return jobs.start(
        caller,
        kind,
        name,
        job -> {
          try (Machines libvirt = link.open(HostMachines.ACT, own -> own)) {
            deed.to(of(libvirt, actor), job);
          } finally {
            machines.changed();
          }
          return Map.of("class", name);
        });
  }
}
