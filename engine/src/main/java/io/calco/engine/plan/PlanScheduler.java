package io.calco.engine.plan;

import com.github.kagkarlsson.scheduler.ScheduledExecution;
import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.exceptions.DbSchedulerException;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.TaskInstanceId;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.calco.catalog.plan.RunEntry;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Runs plans when they are due, for as long as it is open. db-scheduler has a row for each in the
/// catalogue's database, and takes it for one process at a time; when a plan is due is what [Plans]
/// says, and the rows follow: those of plans that were added, changed or taken away by others, and
/// after the clock was set.
///
/// Thread rule: safe.
public final class PlanScheduler implements AutoCloseable {
  private static final Logger LOG = System.getLogger(PlanScheduler.class.getName());
  private static final String TASK = "plan";
  private static final int AT_ONCE = 2;
  private static final Duration STOP = Duration.ofSeconds(20);

  /// For a plan whose record cannot be read now.
  private static final Duration AGAIN = Duration.ofMinutes(5);

  private final Plans plans;
  private final InstantSource clock;
  private final Scheduler scheduler;
  private final ScheduledExecutorService following;
  private volatile boolean stopping;

  private PlanScheduler(
      Plans plans, InstantSource clock, DataSource database, Duration pollingInterval) {
    this.plans = plans;
    this.clock = clock;
    CustomTask<Void> task =
        Tasks.custom(TASK, Void.class)
            .onFailure((complete, operations) -> operations.reschedule(complete, later()))
            .onDeadExecution((complete, operations) -> operations.reschedule(complete, now()))
            .execute((instance, _) -> run(instance.getId()));
    this.scheduler =
        Scheduler.create(database, task)
            .clock(this::now)
            .threads(AT_ONCE)
            .pollingInterval(pollingInterval)
            .heartbeatInterval(Duration.ofMinutes(1))
            .shutdownMaxWait(STOP)
            .build();
    this.following =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("plans").factory());
  }

  /// Begins to run plans.
  ///
  /// @param database the catalogue's
  /// @param pollingInterval how often it is looked whether one is due: 10 seconds for a server
  public static PlanScheduler start(
      Plans plans, InstantSource clock, DataSource database, Duration pollingInterval)
      throws IOException {
    for (RunEntry run : plans.findInterrupted()) {
      LOG.log(Level.WARNING, () -> "plan %s: %s".formatted(run.plan(), run.message()));
    }
    PlanScheduler started = new PlanScheduler(plans, clock, database, pollingInterval);
    started.follow();
    started.scheduler.start();
    var _ =
        started.following.scheduleWithFixedDelay(
            started::follow,
            pollingInterval.toMillis(),
            pollingInterval.toMillis(),
            TimeUnit.MILLISECONDS);
    return started;
  }

  private Instant now() {
    return clock.instant();
  }

  private Instant later() {
    return now().plus(AGAIN);
  }

  private final class UntilStopped implements JobContext {
    @Override
    public void progress(String step, long done, long total) {
      checkCancelled();
    }

    @Override
    public void checkCancelled() {
      if (stopping) {
        throw new CancellationException();
      }
    }
  }

  private CompletionHandler<Void> run(String name) {
    try {
      Optional<PlanReport> report = plans.runIfDue(name, new UntilStopped());
      report.ifPresent(PlanScheduler::tell);
    } catch (CancellationException stopped) {
      LOG.log(Level.INFO, () -> "plan %s: stopped with the server".formatted(name));
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, () -> "plan %s could not be run".formatted(name), e);
    }
    return (complete, operations) -> {
      Optional<Instant> next = due(name);
      if (next.isPresent()) {
        // Not at once again: a run of another process may go on.
        Instant soon = now().plusSeconds(1);
        operations.reschedule(complete, next.get().isAfter(soon) ? next.get() : soon);
      } else {
        operations.remove();
      }
    };
  }

  private static void tell(PlanReport report) {
    RunEntry run = report.run();
    LOG.log(
        report.done() ? Level.INFO : Level.WARNING,
        () ->
            "plan %s: run %d %s%s"
                .formatted(
                    run.plan(),
                    run.number(),
                    run.state().text(),
                    run.message().isEmpty() ? "" : ": " + run.message()));
  }

  private Optional<Instant> due(String name) {
    try {
      return plans.due(name);
    } catch (IOException | OperationException e) {
      LOG.log(Level.ERROR, () -> "plan %s cannot be read".formatted(name), e);
      return Optional.of(later());
    }
  }

  /// Makes the rows what the plans are now.
  private void follow() {
    try {
      Map<String, ScheduledExecution<Object>> rows = new HashMap<>();
      for (ScheduledExecution<Object> row : scheduler.getScheduledExecutionsForTask(TASK)) {
        rows.put(row.getTaskInstance().getId(), row);
      }
      for (String name : plans.names()) {
        ScheduledExecution<Object> row = rows.remove(name);
        due(name).ifPresentOrElse(at -> put(name, row, at), () -> remove(row));
      }
      rows.values().forEach(this::remove);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "when plans are due could not be looked up", e);
    }
  }

  private void put(String name, @Nullable ScheduledExecution<Object> row, Instant at) {
    try {
      if (row == null) {
        scheduler.scheduleIfNotExists(new TaskInstance<>(TASK, name), at);
      } else if (!row.isPicked() && !isSame(row.getExecutionTime(), at)) {
        scheduler.reschedule(TaskInstanceId.of(TASK, name), at);
      }
      if (isPast(at)) {
        // It waits by the clock: after that was set back it would for as long.
        scheduler.triggerCheckForDueExecutions();
      }
    } catch (DbSchedulerException takenMeanwhile) {
      LOG.log(Level.DEBUG, "a plan was taken by another", takenMeanwhile);
    }
  }

  private boolean isSame(Instant one, Instant other) {
    return one.toEpochMilli() == other.toEpochMilli() || isPast(one) && isPast(other);
  }

  private boolean isPast(Instant moment) {
    return !moment.isAfter(now());
  }

  private void remove(@Nullable ScheduledExecution<Object> row) {
    if (row != null && !row.isPicked()) {
      scheduler.cancel(row.getTaskInstance());
    }
  }

  /// Asks runs that go on to stop, and waits up to 20 seconds for them.
  @Override
  public void close() {
    stopping = true;
    following.shutdownNow();
    scheduler.stop();
  }
}
