package io.calco.engine.backup;

import io.calco.backup.DomainDisk;
import io.calco.backup.RestorePoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What the next backup of a running machine goes on from: a checkpoint of libvirt's, and the
/// points of its instant.
///
/// @param checkpoint empty when all must be read
/// @param points by the disks' places in the machine
/// @param broken why there is nothing to go on from though there was
record MachineChain(
    Optional<String> checkpoint, Map<String, RestorePoint> points, Optional<String> broken) {
  /// Copies the map.
  MachineChain {
    points = Map.copyOf(points);
  }

  /// Finds the latest instant of which there are both.
  ///
  /// @param points of a repository, oldest first
  /// @param machine the machine's UUID
  /// @param checkpoints the machine's that are of this repository
  static MachineChain find(List<RestorePoint> points, UUID machine, List<String> checkpoints) {
    Map<String, RestorePoint> latest = new HashMap<>();
    Optional<String> checkpoint = Optional.empty();
    boolean any = false;
    for (RestorePoint point : points) {
      Optional<DomainDisk> domain = point.domain().filter(one -> one.uuid().equals(machine));
      Optional<String> made = domain.flatMap(DomainDisk::checkpoint);
      any |= made.isPresent();
      if (made.isPresent() && checkpoints.contains(made.get())) {
        if (!made.equals(checkpoint)) {
          latest.clear();
          checkpoint = made;
        }
        latest.put(domain.get().target(), point);
      }
    }
    return new MachineChain(checkpoint, latest, broken(checkpoint, any, checkpoints));
  }

  private static Optional<String> broken(
      Optional<String> found, boolean any, List<String> checkpoints) {
    if (found.isPresent() || !any && checkpoints.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        checkpoints.isEmpty()
            ? "the machine has lost the checkpoint of the last backup"
            : "no restore point of the machine's checkpoint is here any more");
  }
}
