package io.calco.engine.plan;

import io.calco.backup.Coverage;
import io.calco.engine.backup.BackupRequest.Look;
import io.calco.engine.backup.BackupRequest.Use;
import java.util.List;
import java.util.Optional;

/// A disk that a plan backs up.
///
/// @param path of an image file or a block device, absolute
/// @param format of an image file; empty to look
/// @param machine whose disk it is; empty to take what is found in it
/// @param medium what it lies on, for the rule of 3-2-1: `disk`
/// @param partitions which are kept; empty for all
/// @param coverage how much is kept
/// @param use whether it may be in use
/// @param look whether to look for what is installed
public record PlanSource(
    String path,
    Optional<String> format,
    Optional<String> machine,
    String medium,
    List<Integer> partitions,
    Coverage coverage,
    Use use,
    Look look) {
  /// Copies the list.
  public PlanSource {
    partitions = List.copyOf(partitions);
  }

  /// All that is in use of a disk, which must be at rest.
  public static PlanSource of(String path) {
    return new PlanSource(
        path,
        Optional.empty(),
        Optional.empty(),
        PlanRepository.DISK,
        List.of(),
        Coverage.USED,
        Use.REFUSED,
        Look.INSPECT);
  }
}
