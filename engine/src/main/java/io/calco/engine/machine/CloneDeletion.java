package io.calco.engine.machine;

import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Actor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Clones that go, with the machines that would have no disk without them: known to be possible
/// before the first goes. Confined.
public final class CloneDeletion {
  private final Calco calco;
  private final Optional<Machines> machines;
  private final Actor actor;
  private final List<CloneReport> clones;
  private final List<CloneMachine> undefined;

  private CloneDeletion(
      Calco calco,
      Optional<Machines> machines,
      Actor actor,
      List<CloneReport> clones,
      List<CloneMachine> undefined) {
    this.calco = calco;
    this.machines = machines;
    this.actor = actor;
    this.clones = clones;
    this.undefined = undefined;
  }

  /// What becomes of the clones' machines.
  public enum Fate {
    /// They go first.
    UNDEFINE,
    /// They stay, without a disk.
    KEEP
  }

  /// Looks whether clones can be deleted.
  ///
  /// @param machines where they are told; without them only the locks on disks tell who runs
  /// @throws OperationException when a machine runs, or has other disks as well
  public static CloneDeletion plan(
      Calco calco, Optional<Machines> machines, Actor actor, List<String> names, Fate fate)
      throws IOException {
    List<CloneReport> clones = new ArrayList<>();
    for (String name : names) {
      clones.add(calco.clones(actor).show(name));
    }
    Map<String, CloneMachine> all = machines.isPresent() ? machines.get().ofClones() : Map.of();
    List<CloneMachine> undefined = new ArrayList<>();
    for (String name : names) {
      CloneMachine machine = all.get(name);
      if (machine != null) {
        requireOff(machine);
        if (fate == Fate.UNDEFINE) {
          requireNothingElse(machine);
          undefined.add(machine);
        }
      }
      calco.clones(actor).requireUnused(name);
    }
    return new CloneDeletion(calco, machines, actor, clones, undefined);
  }

  private static void requireOff(CloneMachine machine) {
    if (machine.state().active()) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s, which has the disk of clone %s, is %s"
              .formatted(machine.name(), machine.ofClone(), machine.state().label()),
          "stop it first: calco machine stop " + machine.name());
    }
  }

  private static void requireNothingElse(CloneMachine machine) {
    if (machine.disks() > 1) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s has other disks beside that of clone %s"
              .formatted(machine.name(), machine.ofClone()),
          "take the clone's disk out of it first, or leave it as it is with --keep-machine");
    }
  }

  /// The clones that go.
  public List<CloneReport> clones() {
    return clones;
  }

  /// The machines that go.
  public List<CloneMachine> undefined() {
    return undefined;
  }

  /// Carries it out: each machine before its clone, as a disk that is left over can be seen.
  public void carryOut() throws IOException {
    for (CloneReport clone : clones) {
      String name = clone.facts().name();
      for (CloneMachine machine : undefined) {
        if (machine.ofClone().equals(name)) {
          Machines libvirt = machines.orElseThrow();
          libvirt.delete(libvirt.deletion(machine.name(), MachineDeletion.Disks.KEEP));
        }
      }
      calco.clones(actor).delete(name);
    }
    if (machines.isPresent()) {
      List<Path> files = clones.stream().map(clone -> clone.facts().disk()).toList();
      machines.get().refresh(files);
    }
  }
}
