package io.calco.engine.plan;

import io.calco.backup.Coverage;
import io.calco.engine.NamePattern;
import io.calco.engine.backup.BackupRequest.Look;
import io.calco.engine.backup.BackupRequest.Tracking;
import io.calco.engine.backup.BackupRequest.Use;
import io.calco.engine.backup.MachineBackups;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What a plan backs up: a disk, or all disks of machines of libvirt's.
///
/// @param path of an image file or a block device, absolute; or `machine:NAME`, where the name may
///   stand for many, as [NamePattern#select] has it: they are looked for at each run
/// @param format of an image file; empty to look
/// @param machine whose disk it is; empty to take what is found in it, or libvirt's name
/// @param medium what it lies on, for the rule of 3-2-1: `disk`
/// @param partitions which are kept; empty for all
/// @param coverage how much is kept
/// @param use whether it may be in use
/// @param look whether to look for what is installed
/// @param tracking whether the image follows from now on what is written to it
/// @param allow directories, absolute, into which references of images may lead, such as those to
///   backing images, besides the image's own and Calco's pool
/// @param machines how machines are taken; there for `machine:` alone
public record PlanSource(
    String path,
    Optional<String> format,
    Optional<String> machine,
    String medium,
    List<Integer> partitions,
    Coverage coverage,
    Use use,
    Look look,
    Tracking tracking,
    List<String> allow,
    Optional<PlanMachines> machines) {
  /// Copies the lists.
  public PlanSource {
    partitions = List.copyOf(partitions);
    allow = List.copyOf(allow);
  }

  /// All that is in use of a disk, which must be at rest, or of a machine.
  public static PlanSource of(String path) {
    return new PlanSource(
        path,
        Optional.empty(),
        Optional.empty(),
        PlanRepository.DISK,
        List.of(),
        Coverage.USED,
        Use.REFUSED,
        Look.INSPECT,
        Tracking.NONE,
        List.of(),
        MachineBackups.machine(path).map(_ -> PlanMachines.usual()));
  }

  /// The same with machines that are taken otherwise.
  public PlanSource with(PlanMachines others) {
    return new PlanSource(
        path,
        format,
        machine,
        medium,
        partitions,
        coverage,
        use,
        look,
        tracking,
        allow,
        Optional.of(others));
  }

  /// The machines that it means; empty for a disk.
  public Optional<String> pattern() {
    return MachineBackups.machine(path);
  }

  /// Tells whether a point is of it, by where the point's bytes came from.
  Predicate<String> covers() {
    if (pattern().isEmpty()) {
      return path::equals;
    }
    Predicate<String> meant = NamePattern.matching(pattern().get());
    return origin -> MachineBackups.machineOf(origin).filter(meant).isPresent();
  }
}
