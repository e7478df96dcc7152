package io.calco.engine.plan;

import io.calco.backup.RestorePoint;
import java.util.List;

/// A disk that a plan backs up, with the points of it that are somewhere.
///
/// @param name the path of a disk, `machine:NAME/TARGET` of a machine's; a source of machines that
///   has no point anywhere stands for itself
/// @param points newest first
record PlanDisk(String name, List<RestorePoint> points) {
  /// Copies the list.
  PlanDisk {
    points = List.copyOf(points);
  }
}
