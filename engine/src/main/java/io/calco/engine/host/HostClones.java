package io.calco.engine.host;

import io.calco.catalog.BackgroundJob;
import io.calco.engine.Calco;
import io.calco.engine.Templates;
import io.calco.engine.Templates.Dependents;
import io.calco.engine.audit.Actor;
import io.calco.engine.identity.Caller;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import io.calco.engine.machine.CloneDeletion;
import io.calco.engine.machine.MachineReset;
import io.calco.engine.machine.Machines;
import io.calco.engine.machine.TemplateDeletion;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Clones of this host that lose what they hold, and templates that go, for callers of a server.
/// Where libvirt has their machines, those are looked at first.
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

  /// Begins to delete a template; with its linked clones, as [#delete] does, where it is told so.
  ///
  /// @throws io.calco.engine.OperationException REFUSED when linked clones are to stay, or are to
  ///   go and one of their machines runs
  public BackgroundJob deleteTemplate(Caller caller, String template, Dependents dependents)
      throws IOException {
    Actor actor = machines.actor(caller);
    Templates templates = calco.templates(actor);
    if (dependents == Dependents.DELETE) {
      withClones(caller, template, _ -> {}); // refuses now what it would refuse then
    } else {
      templates.previewDelete(template, dependents);
    }
    return jobs.start(
        caller,
        JobKind.TEMPLATE_DELETE,
        template,
        job -> {
          if (dependents == Dependents.DELETE) {
            withClones(caller, template, deletion -> deletion.carryOut(job));
            machines.changed();
          } else {
            templates.delete(template, dependents, job);
          }
          return Map.of("template", template);
        });
  }

  /// What becomes of what was planned.
  @FunctionalInterface
  private interface Outcome {
    void of(TemplateDeletion deletion) throws IOException;
  }

  private void withClones(Caller caller, String template, Outcome outcome) throws IOException {
    Actor actor = machines.actor(caller);
    try (@Nullable Machines libvirt = machines.find(caller).orElse(null)) {
      outcome.of(
          TemplateDeletion.plan(
              calco, as(libvirt, actor), actor, template, CloneDeletion.Fate.UNDEFINE));
    }
  }

  private static Optional<Machines> as(@Nullable Machines libvirt, Actor actor) {
    return Optional.ofNullable(libvirt).map(own -> own.as(actor));
  }
}
