package io.calco.engine.plan;

import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunEntry.Reason;
import io.calco.catalog.plan.RunState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Says when a plan is due. Pure: it looks at nothing but its arguments.
final class Due {
  private Due() {}

  /// The moment from which on it is due, which may be past; empty for never.
  ///
  /// @param plan what is planned
  /// @param changed when that was last changed
  /// @param newestFirst its runs, some
  /// @param now the clock's
  static Optional<Instant> at(Plan plan, Instant changed, List<RunEntry> newestFirst, Instant now) {
    List<RunEntry> due = newestFirst.stream().filter(run -> run.reason() == Reason.DUE).toList();
    if (isCutShortOnce(due) && plan.when().next(now, plan.zoneId()).isPresent()) {
      return Optional.of(due.getFirst().begunAt());
    }
    // What is recorded later than now was recorded by a clock that was wrong.
    Optional<Instant> last =
        due.stream()
            .map(RunEntry::begunAt)
            .filter(begun -> !begun.isAfter(now))
            .max(Instant::compareTo);
    Instant since;
    if (last.isPresent() && (changed.isAfter(now) || !changed.isAfter(last.get()))) {
      since = last.get();
    } else if (!changed.isAfter(now)) {
      since = changed;
    } else {
      // Nothing is known but from the future.
      return plan.when().next(now, plan.zoneId()).map(_ -> now);
    }
    return plan.when().next(since, plan.zoneId());
  }

  private static boolean isCutShortOnce(List<RunEntry> due) {
    return !due.isEmpty()
        && isCutShort(due.getFirst())
        && (due.size() == 1 || !isCutShort(due.get(1)));
  }

  /// Killed, or stopped with the server.
  private static boolean isCutShort(RunEntry run) {
    return run.state() == RunState.INTERRUPTED || run.state() == RunState.CANCELLED;
  }
}
