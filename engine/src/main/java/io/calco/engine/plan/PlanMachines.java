package io.calco.engine.plan;

import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import java.util.Optional;

/// How machines of libvirt's that a plan backs up are found and taken.
///
/// @param connect libvirt's address, of this host; empty for the usual one where the plan is run
/// @param quiesce whether a running machine's file systems are held still for the instant
/// @param scratch where QEMU keeps what a running machine overwrites meanwhile, absolute; empty for
///   beside each disk
public record PlanMachines(Optional<String> connect, Quiesce quiesce, Optional<String> scratch) {

  /// Those of the usual libvirt, held still if they can be.
  public static PlanMachines usual() {
    return new PlanMachines(Optional.empty(), Quiesce.AUTO, Optional.empty());
  }

  /// The same of another libvirt.
  public PlanMachines at(String address) {
    return new PlanMachines(Optional.of(address), quiesce, scratch);
  }
}
