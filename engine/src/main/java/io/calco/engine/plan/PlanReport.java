package io.calco.engine.plan;

import io.calco.catalog.plan.LogLine;
import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunState;
import io.calco.catalog.plan.StepEntry;
import java.util.List;

/// A run with all that is recorded of it.
///
/// @param run when and how
/// @param steps what was done, in order
/// @param log line by line
public record PlanReport(RunEntry run, List<StepEntry> steps, List<LogLine> log) {
  /// Copies the lists.
  public PlanReport {
    steps = List.copyOf(steps);
    log = List.copyOf(log);
  }

  /// True when all was done.
  public boolean done() {
    return run.state() == RunState.DONE;
  }
}
