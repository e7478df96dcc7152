package io.calco.engine.host;

import io.calco.catalog.BackgroundJob;
import io.calco.engine.Calco;
import io.calco.engine.audit.Actor;
import io.calco.engine.identity.Caller;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import io.calco.engine.machine.CloneDeletion;
import io.calco.engine.machine.MachineReset;
import io.calco.engine.machine.Machines;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Clones of this host that lose what they hold, for callers of a server. Where libvirt has their
/// machines, those are looked at first.
///
/// Thread rule: safe for several threads.
public final class HostClones {
  private final Calco calco;
  private final Jobs jobs;
  private final HostMachines machines;

  /// Clones of this host.
  ///
  /// @param machines what has their machines
  public HostClones(Calco calco, Jobs jobs, HostMachines machines) {
    this.calco = calco;
    this.jobs = jobs;
    this.machines = machines;
  }

  /// Deletes a clone, and its machine, which would have no disk.
  ///
  /// @throws io.calco.engine.OperationException REFUSED when the machine runs, or has other disks
  ///   as well
  public void delete(Caller caller, String clone) throws IOException {
    Actor actor = machines.actor(caller);
    try (@Nullable Machines libvirt = machines.find(caller).orElse(null)) {
      CloneDeletion.plan(
              calco, as(libvirt, actor), actor, List.of(clone), CloneDeletion.Fate.UNDEFINE)
          .carryOut();
    } finally {
      machines.changed();
    }
  }

  /// Begins to take a clone back to its first state. The job fails when its machine runs.
  public BackgroundJob reset(Caller caller, String clone) throws IOException {
    Actor actor = machines.actor(caller);
    calco.clones(actor).show(clone); // that there is none, is told at once
    return jobs.start(
        caller,
        JobKind.CLONE_RESET,
        clone,
        job -> {
          try (@Nullable Machines libvirt = machines.find(caller).orElse(null)) {
            MachineReset.plan(
                    calco,
                    as(libvirt, actor),
                    actor,
                    List.of(clone),
                    MachineReset.Running.REFUSE,
                    job)
                .carryOut(Duration.ZERO, job);
          }
          return Map.of("clone", clone);
        });
  }

  private static Optional<Machines> as(@Nullable Machines libvirt, Actor actor) {
    return Optional.ofNullable(libvirt).map(own -> own.as(actor));
  }
}
