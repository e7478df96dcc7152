package io.calco.engine.plan;

import io.calco.catalog.PlanRecords;
import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunState;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// What is recorded of a run while it runs: a step is recorded as begun before anything is done,
/// and as ended, last of all, when that is on the medium.
final class RunRecord {
  private final PlanRecords records;
  private final InstantSource clock;
  private final JobContext job;
  private final long run;
  private String failure = "";
  private boolean cancelled;

  /// Begins a run.
  RunRecord(
      PlanRecords records, InstantSource clock, JobContext job, String plan, RunEntry.Reason reason)
      throws IOException {
    this.records = records;
    this.clock = clock;
    this.job = job;
    this.run = records.beginRun(plan, reason, clock.instant());
  }

  /// What a step did.
  ///
  /// @param bytes as [io.calco.catalog.plan.StepEntry] has it
  /// @param message one line
  record Done(long bytes, String message) {}

  /// What a step does.
  @FunctionalInterface
  interface Work {
    Done run() throws IOException;
  }

  long number() {
    return run;
  }

  /// Does a step; its failure is recorded, and stops nothing.
  ///
  /// @return true when it was done
  boolean step(StepKind kind, String subject, Work work) throws IOException {
    if (cancelled) {
      return false;
    }
    int position = records.beginStep(run, kind.text(), subject, clock.instant());
    job.progress(kind.text() + " " + subject, 0, 0);
    RunState state;
    Done done;
    try {
      job.checkCancelled();
      done = work.run();
      state = RunState.DONE;
    } catch (IOException | RuntimeException e) {
      OperationException told = OperationException.of(e);
      cancelled = e instanceof CancellationException || told.kind() == Kind.CANCELLED;
      state = cancelled ? RunState.CANCELLED : RunState.FAILED;
      done = new Done(0, line(told));
      failed(kind, subject, done.message());
    }
    records.endStep(run, position, state, clock.instant(), done.bytes(), done.message());
    log(
        "%s %s: %s%s"
            .formatted(
                kind.text(),
                subject,
                state == RunState.DONE ? "" : state.name().toUpperCase(Locale.ROOT) + ": ",
                done.message()));
    return state == RunState.DONE;
  }

  /// The failure in one line, with what to do about it.
  static String line(OperationException told) {
    String message = String.valueOf(told.getMessage()).lines().findFirst().orElse("");
    return message + told.hint().map(hint -> " (" + hint + ")").orElse("");
  }

  private void failed(StepKind kind, String subject, String message) {
    if (failure.isEmpty()) {
      failure = "%s %s: %s".formatted(kind.text(), subject, message);
    }
  }

  /// Adds a line to the log.
  void log(String line) throws IOException {
    records.log(run, clock.instant(), line);
  }

  /// What went wrong first.
  Optional<String> failure() {
    return failure.isEmpty() ? Optional.empty() : Optional.of(failure);
  }

  RunState state() {
    return cancelled ? RunState.CANCELLED : failure.isEmpty() ? RunState.DONE : RunState.FAILED;
  }

  /// Ends the run.
  void end() throws IOException {
    records.endRun(run, state(), clock.instant(), failure);
  }
}
