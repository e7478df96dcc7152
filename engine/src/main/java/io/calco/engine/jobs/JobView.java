package io.calco.engine.jobs;

import io.calco.catalog.BackgroundJob;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A job as its user sees it.
///
/// @param recorded what was asked for, and how it went
/// @param result what came of it, by name; empty before
/// @param progress how far it is; empty unless it runs
/// @param steps that it has taken, as far as each came; none before it began
public record JobView(
    BackgroundJob recorded,
    Map<String, String> result,
    Optional<JobProgress> progress,
    List<JobProgress> steps) {
  /// Copies map and list.
  public JobView {
    result = Map.copyOf(result);
    steps = List.copyOf(steps);
  }

  /// What it does; empty for a newer Calco's.
  public Optional<JobKind> kind() {
    return JobKind.find(recorded.kind());
  }
}
