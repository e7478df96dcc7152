package io.calco.engine.machine;

import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Actor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Clones that go back to an earlier state, with the machines that run them: known to be possible
/// before the first is touched. Confined.
public final class MachineReset {
  private final Calco calco;
  private final Optional<Machines> machines;
  private final Actor actor;
  private final List<String> clones;
  private final List<CloneMachine> having;

  private MachineReset(
      Calco calco,
      Optional<Machines> machines,
      Actor actor,
      List<String> clones,
      List<CloneMachine> having) {
    this.calco = calco;
    this.machines = machines;
    this.actor = actor;
    this.clones = clones;
    this.having = having;
  }

  /// What becomes of machines that run.
  public enum Running {
    /// There must be none.
    REFUSE,
    /// They are stopped at once, as all that they did is lost anyway, and started again.
    STOP
  }

  /// Looks whether clones can be reset.
  ///
  /// @param machines where they are told; without them only the locks on disks tell who runs
  /// @throws OperationException when one cannot be
  public static MachineReset plan(
      Calco calco,
      Optional<Machines> machines,
      Actor actor,
      List<String> clones,
      Running running,
      JobContext job)
      throws IOException {
    List<CloneMachine> having = having(machines, clones);
    if (running == Running.REFUSE) {
      requireOff(having, "stop them first; or stop, reset and start them again with --stop");
    }
    MachineReset reset = new MachineReset(calco, machines, actor, List.copyOf(clones), having);
    Set<String> held =
        reset.running().stream().map(CloneMachine::ofClone).collect(Collectors.toSet());
    calco.clones(actor).requireResettable(clones, held, job);
    return reset;
  }

  /// The machines of clones, none of which has snapshots, which rest on what a disk holds.
  private static List<CloneMachine> having(Optional<Machines> machines, List<String> clones)
      throws IOException {
    Map<String, CloneMachine> all = machines.isPresent() ? machines.get().ofClones() : Map.of();
    List<CloneMachine> having =
        clones.stream().flatMap(clone -> Optional.ofNullable(all.get(clone)).stream()).toList();
    for (CloneMachine machine : having) {
      machines.orElseThrow().requireNoSnapshots(machine.name());
    }
    return having;
  }

  private static void requireOff(List<CloneMachine> machines, String hint) {
    List<String> active =
        machines.stream()
            .filter(machine -> machine.state().active())
            .map(CloneMachine::name)
            .toList();
    if (!active.isEmpty()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: %s"
              .formatted(
                  active.size() == 1 ? "a machine runs" : "machines run",
                  String.join(", ", active)),
          hint);
    }
  }

  /// Makes a delta that was exported a clone's disk again.
  ///
  /// @throws OperationException when its machine runs, or as from
  ///   [io.calco.engine.CloneDeltas#restore]
  public static CloneReport toDelta(
      Calco calco,
      Optional<Machines> machines,
      Actor actor,
      String clone,
      Path delta,
      JobContext job)
      throws IOException {
    List<CloneMachine> having = having(machines, List.of(clone));
    requireOff(having, "stop it first: calco machine stop NAME");
    for (CloneMachine machine : having) {
      machines.orElseThrow().forgetSaved(machine.name());
    }
    return calco.deltas(actor).restore(clone, delta, job);
  }

  /// The clones' names.
  public List<String> clones() {
    return clones;
  }

  /// The machines that will be stopped and started again.
  public List<CloneMachine> running() {
    return having.stream().filter(machine -> machine.state().active()).toList();
  }

  /// Stops, resets, and starts again in the order of the clones. After a failure machines that were
  /// stopped stay off.
  ///
  /// @param pace time between one machine's start and the next one's
  public List<CloneReport> carryOut(Duration pace, JobContext job) throws IOException {
    List<String> again = running().stream().map(CloneMachine::name).toList();
    if (machines.isPresent()) {
      for (String name : again) {
        job.checkCancelled();
        machines.get().stop(name, Machines.Stop.FORCE);
      }
      for (CloneMachine machine : having) {
        machines.get().forgetSaved(machine.name());
      }
    }
    List<CloneReport> reports = calco.clones(actor).reset(clones, job);
    if (machines.isPresent()) {
      new PacedStart(machines.get(), pace).start(again, job);
    }
    return reports;
  }
}
