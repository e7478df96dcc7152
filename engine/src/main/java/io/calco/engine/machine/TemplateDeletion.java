package io.calco.engine.machine;

import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.Templates;
import io.calco.engine.Templates.Dependents;
import io.calco.engine.audit.Actor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A template that goes with the clones that rest on it, and with the machines that would have no
/// disk without them: known to be possible before the first goes. Confined.
public final class TemplateDeletion {
  private final Calco calco;
  private final Actor actor;
  private final String template;
  private final Templates.Deletion disks;
  private final CloneDeletion clones;

  private TemplateDeletion(
      Calco calco, Actor actor, String template, Templates.Deletion disks, CloneDeletion clones) {
    this.calco = calco;
    this.actor = actor;
    this.template = template;
    this.disks = disks;
    this.clones = clones;
  }

  /// Looks whether a template can be deleted with its linked clones.
  ///
  /// @param machines as [CloneDeletion#plan] has it
  /// @throws io.calco.engine.OperationException when there is none of that name, or as from
  ///   [CloneDeletion#plan]
  public static TemplateDeletion plan(
      Calco calco,
      Optional<Machines> machines,
      Actor actor,
      String template,
      CloneDeletion.Fate fate)
      throws IOException {
    Templates.Deletion disks = calco.templates(actor).previewDelete(template, Dependents.DELETE);
    return new TemplateDeletion(
        calco,
        actor,
        template,
        disks,
        CloneDeletion.plan(calco, machines, actor, disks.linkedClones(), fate));
  }

  /// The template's disks, and the clones that go.
  public Templates.Deletion disks() {
    return disks;
  }

  /// The machines that go.
  public List<CloneMachine> undefined() {
    return clones.undefined();
  }

  /// Carries it out: the template last, as a clone needs it.
  ///
  /// @throws io.calco.engine.OperationException when a clone was made meanwhile, which stays with
  ///   the template
  public void carryOut(JobContext job) throws IOException {
    clones.carryOut();
    calco.templates(actor).delete(template, Dependents.REFUSE, job);
  }
}
