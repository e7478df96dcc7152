package io.calco.engine.jobs;

import io.calco.catalog.BackgroundJob;
import io.calco.disk.JobContext;
import io.calco.engine.jobs.JobProgress.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// A job that waits or runs: how far it is, and whether it should stop.
///
/// Thread rule: safe for several threads.
final class RunningJob implements JobContext {
  /// What counts further than this counts bytes: a step of fewer is over before anybody looks.
  private static final long BYTES_FROM = 1 << 20;

  /// Ours: what many small things take turns in is no row of steps.
  private static final int STEPS_MAX = 40;

  private final BackgroundJob recorded;
  private final List<JobProgress> ended = new ArrayList<>();
  private volatile BackgroundJob.State ending = BackgroundJob.State.RUNNING;
  private String step = "";
  private long done;
  private long total;
  private long begunNanos = System.nanoTime();

  RunningJob(BackgroundJob recorded) {
    this.recorded = recorded;
  }

  BackgroundJob recorded() {
    return recorded;
  }

  /// Asks it to stop.
  ///
  /// @param why cancelled, or interrupted
  void stop(BackgroundJob.State why) {
    if (ending == BackgroundJob.State.RUNNING) {
      ending = why;
    }
  }

  /// Why it is to stop; empty when it is not.
  Optional<BackgroundJob.State> stopping() {
    BackgroundJob.State now = ending;
    return now == BackgroundJob.State.RUNNING ? Optional.empty() : Optional.of(now);
  }

  @Override
  public void checkCancelled() {
    if (ending != BackgroundJob.State.RUNNING) {
      throw new CancellationException();
    }
  }

  @Override
  public synchronized void progress(String now, long doneNow, long totalNow) {
    if (!now.equals(step) || doneNow < done) {
      endStep(now);
      step = now;
      begunNanos = System.nanoTime();
    }
    done = doneNow;
    total = totalNow;
  }

  /// Two threads that tell of one step may overtake each other: that is no new one.
  private void endStep(String next) {
    progress()
        .ifPresent(last -> {
          boolean same = last.step().equals(next) && last.elapsed().toSeconds() < 1;
          if (!same && ended.size() < STEPS_MAX) {
            ended.add(last);
          }
        });
  }

  /// The steps that it has taken, the one that it is at last.
  synchronized List<JobProgress> steps() {
    List<JobProgress> all = new ArrayList<>(ended);
    progress().ifPresent(all::add);
    return all;
  }

  /// How far it is; empty before its first step.
  synchronized Optional<JobProgress> progress() {
    if (step.isEmpty()) {
      return Optional.empty();
    }
    Unit unit = Math.max(done, total) >= BYTES_FROM ? Unit.BYTES : Unit.ITEMS;
    Duration elapsed = Duration.ofNanos(System.nanoTime() - begunNanos);
    return Optional.of(new JobProgress(step, done, total, unit, elapsed));
  }
}
