package io.calco.catalog;

import io.calco.catalog.plan.CopyEntry;
import io.calco.catalog.plan.LogLine;
import io.calco.catalog.plan.PlanEntry;
import io.calco.catalog.plan.ReadingEntry;
import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunState;
import io.calco.catalog.plan.StepEntry;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The catalogue's record of plans of backups, of their runs, and of what is known of the copies.
/// Every method that changes something is one transaction, on the medium when it returns. What goes
/// with a plan goes when it does.
///
/// Thread rule: safe for several threads; readers do not wait for a writer.
public final class PlanRecords {
  /// Ours: how many runs of a plan are remembered.
  private static final int RUNS_KEPT = 200;

  /// Ours: what a log says after that is lost.
  private static final int LINES_MAX = 10_000;

  private static final int TEXT_MAX = 2000;

  private final Database database;
  private final PlanTable plans;
  private final PlanRunTable runs;

  PlanRecords(Database database) {
    this.database = database;
    this.plans = new PlanTable(database);
    this.runs = new PlanRunTable(database);
  }

  /// Adds a plan.
  ///
  /// @throws CatalogException.InvalidName when its name is none
  /// @throws CatalogException.Taken when there is one of that name
  public void add(PlanEntry plan) throws IOException {
    Name.parse(plan.name());
    database.write(() -> {
      if (plans.find(plan.name()).isPresent()) {
        throw new CatalogException.Taken("there is a plan %s already".formatted(plan.name()));
      }
      plans.insert(plan);
      return true;
    });
  }

  /// Changes what a plan says.
  ///
  /// @throws CatalogException.Gone when it is not there
  public void change(PlanEntry plan) throws IOException {
    database.write(() -> {
      if (plans.update(plan) == 0) {
        throw gone(plan.name());
      }
      return true;
    });
  }

  /// Takes a plan away, with all that is recorded of it.
  ///
  /// @throws CatalogException.Gone when it is not there
  public void remove(String name) throws IOException {
    database.write(() -> {
      if (plans.delete(name) == 0) {
        throw gone(name);
      }
      return true;
    });
  }

  private static CatalogException gone(String name) {
    return new CatalogException.Gone("there is no plan %s".formatted(name));
  }

  /// The plan of that name.
  public Optional<PlanEntry> find(String name) throws IOException {
    return database.read(() -> plans.find(name));
  }

  /// All plans by name.
  public List<PlanEntry> list() throws IOException {
    return database.read(plans::all);
  }

  /// Records that a run has begun, and forgets the oldest when there are too many.
  ///
  /// @return its number
  /// @throws CatalogException.Gone when there is no such plan
  public long beginRun(String plan, RunEntry.Reason reason, Instant at) throws IOException {
    return database.write(() -> {
      if (plans.find(plan).isEmpty()) {
        throw gone(plan);
      }
      long number = runs.begin(plan, reason, at);
      runs.prune(plan, RUNS_KEPT);
      return number;
    });
  }

  /// Records how a run ended.
  public void endRun(long run, RunState state, Instant at, String message) throws IOException {
    database.write(() -> {
      runs.end(run, state, at, cut(message));
      return true;
    });
  }

  /// Records that a plan's runs which have not ended were interrupted, each with the step that it
  /// was at: whoever calls this knows that none of them runs.
  ///
  /// @return them, as they were
  public List<RunEntry> interruptUnfinished(String plan, Instant at) throws IOException {
    return database.write(() -> {
      List<RunEntry> left = runs.unfinished(plan);
      for (RunEntry run : left) {
        String where = "it was interrupted";
        for (StepEntry step : runs.steps(run.number())) {
          if (step.state() == RunState.RUNNING) {
            runs.endStep(run.number(), step.position(), RunState.INTERRUPTED, at, 0, where);
            where = "it was interrupted at %s %s".formatted(step.kind(), step.subject());
          }
        }
        runs.end(run.number(), RunState.INTERRUPTED, at, cut(where));
      }
      return left;
    });
  }

  /// Records that a step has begun.
  ///
  /// @return its position
  public int beginStep(long run, String kind, String subject, Instant at) throws IOException {
    return database.write(() -> runs.addStep(run, kind, cut(subject), at));
  }

  /// Records how a step ended.
  ///
  /// @param bytes as in [StepEntry]
  public void endStep(
      long run, int position, RunState state, Instant at, long bytes, String message)
      throws IOException {
    database.write(() -> {
      runs.endStep(run, position, state, at, bytes, cut(message));
      return true;
    });
  }

  /// Adds a line to a run's log, which holds 10,000.
  public void log(long run, Instant at, String text) throws IOException {
    database.write(() -> {
      runs.addLine(run, at, cut(text), LINES_MAX);
      return true;
    });
  }

  private static String cut(String text) {
    return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX - 1) + "…";
  }

  /// Runs, newest first.
  ///
  /// @param plan whose; empty for all
  /// @param limit at most that many
  public List<RunEntry> runs(Optional<String> plan, int limit) throws IOException {
    return database.read(() -> runs.newest(plan, limit));
  }

  /// The run of that number.
  public Optional<RunEntry> findRun(long number) throws IOException {
    return database.read(() -> runs.find(number));
  }

  /// A run's steps, in their order.
  public List<StepEntry> steps(long run) throws IOException {
    return database.read(() -> runs.steps(run));
  }

  /// A run's log.
  public List<LogLine> lines(long run) throws IOException {
    return database.read(() -> runs.lines(run));
  }

  /// Remembers what a repository has of a plan's disks, in place of what was known of it.
  ///
  /// @param copies of that plan in that repository
  public void putCopies(String plan, String repository, List<CopyEntry> copies) throws IOException {
    database.write(() -> {
      plans.put(plan, repository, copies);
      return true;
    });
  }

  /// What is known of a plan's copies.
  public List<CopyEntry> copies(String plan) throws IOException {
    return database.read(() -> plans.copies(plan));
  }

  /// Remembers how far a repository has been read.
  public void putReading(ReadingEntry reading) throws IOException {
    database.write(() -> {
      plans.put(reading);
      return true;
    });
  }

  /// How far a plan's repositories have been read.
  public List<ReadingEntry> readings(String plan) throws IOException {
    return database.read(() -> plans.readings(plan));
  }
}
