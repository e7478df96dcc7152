package io.calco.engine.plan;

import io.calco.catalog.CatalogException;
import io.calco.catalog.PlanRecords;
import io.calco.catalog.plan.PlanEntry;
import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunEntry.Reason;
import io.calco.catalog.plan.RunState;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.ProcessLock;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// A home's plans.
///
/// Thread rule: safe for several threads, and for several processes with the same home.
public final class Plans {
  /// Enough to find the last one that was due among others that were asked for.
  private static final int RUNS_LOOKED_AT = 200;

  private static final int RUNS_MAX = 200;

  /// Ours: how late a run may begin, after two of its times, before a copy is called old.
  private static final Duration GRACE = Duration.ofHours(1);

  private final Calco calco;
  private final Actor actor;
  private final PlanSettings settings;
  private final PlanRecords records;

  /// Those of a home.
  ///
  /// @param actor who works with them
  public Plans(Calco calco, Actor actor, PlanSettings settings) {
    this.calco = calco;
    this.actor = actor;
    this.settings = settings;
    this.records = calco.catalog().plans();
  }

  /// The same plans, for somebody else.
  Plans as(Actor other) {
    return new Plans(calco, other, settings);
  }

  /// What they are run with.
  PlanSettings settings() {
    return settings;
  }

  /// Adds a plan.
  ///
  /// @throws OperationException USAGE when it cannot be meant, REFUSED when it would leave
  ///   something off-site that anybody there could read
  /// @throws CatalogException.Taken when there is one of that name
  public void add(Plan plan) throws IOException {
    plan.check();
    Optional<PlanProblem> name = PlanRules.problemOfName(plan.name());
    if (name.isPresent()) {
      throw name.get().refusal();
    }
    Instant now = now();
    calco
        .catalog()
        .inTransaction(() -> {
          records.add(new PlanEntry(plan.name(), PlanText.encode(plan), now, now));
          done(Action.PLAN_CREATE, plan.name(), plan.schedule());
        });
  }

  /// Changes a plan. A run that goes on ends as it was begun.
  ///
  /// @throws OperationException as [#add]
  public void change(Plan plan) throws IOException {
    plan.check();
    PlanEntry old = getEntry(plan.name());
    boolean sameTime = get(plan.name()).schedule().equals(plan.schedule());
    calco
        .catalog()
        .inTransaction(() -> {
          records.change(
              new PlanEntry(
                  plan.name(),
                  PlanText.encode(plan),
                  old.createdAt(),
                  sameTime ? old.changedAt() : now()));
          done(Action.PLAN_CHANGE, plan.name(), plan.schedule());
        });
  }

  /// Takes a plan away, and what is recorded of it. Its points stay where they are.
  ///
  /// @throws OperationException NOT_FOUND when there is none, BUSY while it runs
  public void remove(String name) throws IOException {
    getEntry(name);
    try (ProcessLock _ = lock(name)) {
      calco
          .catalog()
          .inTransaction(() -> {
            records.remove(name);
            done(Action.PLAN_DELETE, name, "");
          });
    }
  }

  private void done(Action action, String name, String detail) throws IOException {
    calco.audit().done(new Deed(actor, action, Target.named(name), detail));
  }

  private Instant now() {
    return settings.clock().instant().truncatedTo(ChronoUnit.MICROS);
  }

  private PlanEntry getEntry(String name) throws IOException {
    return records
        .find(name)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND, "there is no plan " + name, "see: calco plan list"));
  }

  /// The plan of that name.
  ///
  /// @throws OperationException NOT_FOUND when there is none
  public Plan get(String name) throws IOException {
    return PlanText.decode(name, getEntry(name).definition());
  }

  /// All names of plans, ascending.
  public List<String> names() throws IOException {
    return records.list().stream().map(PlanEntry::name).toList();
  }

  /// A plan, and how it stands.
  ///
  /// @param plan what is planned
  /// @param last its last run
  /// @param next when it is due, perhaps already; empty for never
  public record View(Plan plan, Optional<RunEntry> last, Optional<Instant> next) {}

  /// All plans by name.
  public List<View> list() throws IOException {
    List<View> views = new ArrayList<>();
    for (PlanEntry entry : records.list()) {
      views.add(view(entry));
    }
    return views;
  }

  /// The plan of that name, and how it stands.
  ///
  /// @throws OperationException NOT_FOUND when there is none
  public View view(String name) throws IOException {
    return view(getEntry(name));
  }

  private View view(PlanEntry entry) throws IOException {
    Plan plan = PlanText.decode(entry.name(), entry.definition());
    List<RunEntry> runs = runs(entry.name());
    return new View(
        plan,
        runs.stream().findFirst(),
        Due.at(plan, entry.changedAt(), runs, settings.clock().instant()));
  }

  private List<RunEntry> runs(String name) throws IOException {
    return records.runs(Optional.of(name), RUNS_LOOKED_AT);
  }

  /// When a plan is due, perhaps already; empty for never, and for one that is not there.
  public Optional<Instant> due(String name) throws IOException {
    Optional<PlanEntry> entry = records.find(name);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    Plan plan = PlanText.decode(name, entry.get().definition());
    return Due.at(plan, entry.get().changedAt(), runs(name), settings.clock().instant());
  }

  /// True when a plan's time has come.
  public boolean isDue(String name) throws IOException {
    return due(name).filter(at -> !at.isAfter(settings.clock().instant())).isPresent();
  }

  private ProcessLock lock(String name) throws IOException {
    return RunLock.tryTake(calco.home(), name)
        .orElseThrow(() ->
            new OperationException(
                Kind.BUSY, "the plan %s runs already".formatted(name), "see: calco plan log"));
  }

  /// Records of runs that nobody runs any more that they were interrupted.
  ///
  /// @return them, as they are recorded now
  public List<RunEntry> findInterrupted() throws IOException {
    List<RunEntry> found = new ArrayList<>();
    for (PlanEntry plan : records.list()) {
      if (records.runs(Optional.of(plan.name()), RUNS_LOOKED_AT).stream()
          .anyMatch(run -> run.state() == RunState.RUNNING)) {
        Optional<ProcessLock> lock = RunLock.tryTake(calco.home(), plan.name());
        if (lock.isPresent()) {
          try (ProcessLock _ = lock.get()) {
            for (RunEntry run : records.interruptUnfinished(plan.name(), now())) {
              records.findRun(run.number()).ifPresent(found::add);
            }
          }
        }
      }
    }
    return found;
  }

  /// Runs a plan now.
  ///
  /// @return the run; what failed in it is told there
  /// @throws OperationException NOT_FOUND when there is none, BUSY when it runs already
  public PlanReport run(String name, JobContext job) throws IOException {
    getEntry(name);
    try (ProcessLock _ = lock(name)) {
      return run(get(name), Reason.ASKED, job);
    }
  }

  /// Runs a plan if it is due and does not run already.
  ///
  /// @return the run; empty when there is nothing to be done
  public Optional<PlanReport> runIfDue(String name, JobContext job) throws IOException {
    Optional<ProcessLock> lock = RunLock.tryTake(calco.home(), name);
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try (ProcessLock _ = lock.get()) {
      records.interruptUnfinished(name, now());
      return isDue(name) ? Optional.of(run(get(name), Reason.DUE, job)) : Optional.empty();
    }
  }

  /// Runs all plans that are due, one after another.
  public List<PlanReport> runDue(JobContext job) throws IOException {
    List<PlanReport> reports = new ArrayList<>();
    for (PlanEntry plan : records.list()) {
      runIfDue(plan.name(), job).ifPresent(reports::add);
    }
    return reports;
  }

  private PlanReport run(Plan plan, Reason reason, JobContext job) throws IOException {
    records.interruptUnfinished(plan.name(), now());
    Optional<RunEntry> before = records.runs(Optional.of(plan.name()), 1).stream().findFirst();
    Instant begun = now();
    RunRecord record = new RunRecord(records, settings.clock(), job, plan.name(), reason);
    done(Action.PLAN_RUN, plan.name(), reason.text());
    ImageOptions reading = ImageOptions.reading().with(calco.widened(OpenPolicy.ownDirectory()));
    new PlanRun(
            plan,
            settings,
            records,
            record,
            new PlanBackups(plan, settings, reading, record, job),
            job)
        .run();
    new RunNotices(plan, settings, records, record).tell(before, begun);
    record.end();
    if (record.state() == RunState.CANCELLED) {
      throw new CancellationException();
    }
    return report(record.number());
  }

  /// What a run would do now, a line each.
  public List<String> rehearse(String name) throws IOException {
    Plan plan = get(name);
    return new Rehearsal(plan, settings, records).lines();
  }

  /// Runs, newest first.
  ///
  /// @param name whose; empty for all
  /// @param limit at most that many, and never more than 200
  public List<RunEntry> runs(Optional<String> name, int limit) throws IOException {
    if (name.isPresent()) {
      getEntry(name.get());
    }
    return records.runs(name, Math.clamp(limit, 1, RUNS_MAX));
  }

  /// A run with its steps and its log.
  ///
  /// @throws OperationException NOT_FOUND when there is none of that number
  public PlanReport report(long number) throws IOException {
    RunEntry run =
        records
            .findRun(number)
            .orElseThrow(() ->
                new OperationException(
                    Kind.NOT_FOUND, "there is no run " + number, "see: calco plan log"));
    return new PlanReport(run, records.steps(number), records.lines(number));
  }

  /// Looks into a plan's repositories, as far as they can be opened, and remembers what is there.
  ///
  /// @return a line for each that could not be
  public List<String> look(String name, JobContext job) throws IOException {
    Plan plan = get(name);
    List<String> failures = new ArrayList<>();
    for (PlanRepository repository : plan.repositories()) {
      job.checkCancelled();
      try (Opened opened = Opened.open(plan, repository, settings.repositories())) {
        new Sight(plan, settings, records).remember(repository, opened.repository());
      } catch (CancellationException stopped) {
        throw stopped;
      } catch (IOException | RuntimeException e) {
        failures.add(RunRecord.line(OperationException.of(e)));
      }
    }
    return failures;
  }

  /// Whether a plan's disks are safe by the rule of 3-2-1, by what was last seen.
  public List<Board.Row> board(String name) throws IOException {
    Plan plan = get(name);
    return Board.of(
        plan, records.copies(name), records.readings(name), settings.clock().instant(), GRACE);
  }

  /// What the rules of a plan's repositories will have kept after so many days, if every run is
  /// made.
  ///
  /// @param days 0 to 3660
  /// @throws OperationException USAGE when that is out of range, or takes too many runs
  public Foretold simulate(String name, int days) throws IOException {
    Plan plan = get(name);
    List<Simulation> all = new ArrayList<>();
    List<Foretold.Unseen> unseen = new ArrayList<>();
    for (PlanRepository repository : plan.repositories()) {
      try (Opened opened = Opened.open(plan, repository, settings.repositories())) {
        PlanPoints points = new PlanPoints(plan, Backups.hostName());
        var there = PlanPoints.all(opened.repository());
        for (PlanDisk disk : points.disks(there)) {
          all.add(
              Simulation.of(
                  plan, disk.name(), repository, disk.points(), settings.clock().instant(), days));
        }
      } catch (IOException | OperationException e) {
        OperationException failure = OperationException.of(e);
        if (failure.kind() == Kind.USAGE) {
          throw failure; // what was asked for cannot be foretold at all
        }
        unseen.add(new Foretold.Unseen(repository.address(), RunRecord.line(failure)));
      }
    }
    return new Foretold(all, unseen);
  }
}
