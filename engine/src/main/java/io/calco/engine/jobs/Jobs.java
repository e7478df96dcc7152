package io.calco.engine.jobs;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.BackgroundJob.State;
import io.calco.catalog.BackgroundJobs;
import io.calco.catalog.Catalog;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The jobs of a server. One server serves a home, and has one of these.
///
/// Thread rule: safe for several threads.
public final class Jobs implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Jobs.class.getName());

  /// Ours: what runs copies whole disks; more at once would only slow each other down.
  private static final int AT_ONCE = 2;

  private static final int WAITING_MAX = 100;
  private static final int OF_USER_MAX = 20;
  private static final int PAGE_MAX = 500;
  private static final Duration STOP = Duration.ofSeconds(20);

  /// What its steps are called among what came of a job.
  private static final String STEPS = "steps";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final BackgroundJobs recorded;
  private final AuditLog audit;
  private final Map<String, Taken> unfinished = new ConcurrentHashMap<>();
  private final ReentrantLock starting = new ReentrantLock();
  private final ThreadPoolExecutor threads;

  private Jobs(BackgroundJobs recorded, AuditLog audit) {
    this.recorded = recorded;
    this.audit = audit;
    this.threads =
        new ThreadPoolExecutor(
            AT_ONCE,
            AT_ONCE,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("job-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /// Begins to take jobs, and records that those which an earlier server left were interrupted.
  public static Jobs open(Catalog catalog, AuditLog audit) throws IOException {
    for (BackgroundJob left : catalog.backgroundJobs().interruptUnfinished()) {
      LOG.log(Level.WARNING, () -> "interrupted: %s %s".formatted(left.kind(), left.subject()));
    }
    return new Jobs(catalog.backgroundJobs(), audit);
  }

  /// What a job does.
  @FunctionalInterface
  public interface Work {
    /// Does it.
    ///
    /// @param job to tell how far it is, and hear that it should stop
    /// @return what came of it, by name
    Map<String, String> run(JobContext job) throws IOException;
  }

  /// A job, and what a thread does with it.
  private record Taken(RunningJob job, Runnable task) {}

  /// Takes a job on. Whether the caller may have this done, its giver has made sure of.
  ///
  /// @param subject what it is done to: a name, for a person
  /// @return as recorded
  /// @throws OperationException LIMIT when too many wait
  public BackgroundJob start(Caller caller, JobKind kind, String subject, Work work)
      throws IOException {
    BackgroundJob job =
        new BackgroundJob(
            Catalog.newId(),
            kind.text(),
            subject,
            State.WAITING,
            caller.userId(),
            caller.userName(),
            caller.projectId().orElse(""),
            "",
            "",
            Instant.now().truncatedTo(ChronoUnit.MICROS),
            Optional.empty(),
            Optional.empty());
    RunningJob running = new RunningJob(job);
    Taken taken = new Taken(running, () -> run(running, work, caller.isAdmin()));
    starting.lock();
    try {
      requireRoom(caller);
      recorded.add(job);
      unfinished.put(job.id(), taken);
      threads.execute(taken.task());
    } finally {
      starting.unlock();
    }
    return job;
  }

  private void requireRoom(Caller caller) {
    if (threads.isShutdown()) {
      throw new OperationException(Kind.CANCELLED, "the server is being stopped");
    }
    long own =
        unfinished.values().stream()
            .filter(taken -> taken.job().recorded().userId().equals(caller.userId()))
            .count();
    if (own >= OF_USER_MAX || unfinished.size() >= WAITING_MAX + AT_ONCE) {
      throw new OperationException(
          Kind.LIMIT, "there are %d jobs to be done already".formatted(unfinished.size()));
    }
  }

  private void run(RunningJob running, Work work, boolean admin) {
    BackgroundJob job = running.recorded();
    try {
      if (running.stopping().isPresent()) {
        end(job, running, running.stopping().get(), Map.of(), "");
        return;
      }
      job = recorded.begin(job);
      end(job, running, State.DONE, work.run(running), "");
    } catch (IOException | RuntimeException | Error e) {
      ended(job, running, OperationException.of(e), e, admin);
    } finally {
      unfinished.remove(job.id());
    }
  }

  private void ended(
      BackgroundJob job,
      RunningJob running,
      OperationException told,
      Throwable failure,
      boolean admin) {
    State state = State.FAILED;
    String message = String.valueOf(told.getMessage());
    if (told.kind() == Kind.CANCELLED) {
      state = running.stopping().orElse(State.FAILED);
      message = "";
    } else if (told.kind() == Kind.SYSTEM || told.kind() == Kind.INTERNAL) {
      LOG.log(Level.ERROR, () -> job.kind() + " " + job.subject() + " failed", failure);
      // What failed inside may name files of this host: that is for its operator.
      message = admin ? message : "The server failed; its log tells why.";
    }
    try {
      end(job, running, state, Map.of(), message);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, "a job's end could not be recorded", e);
    }
  }

  private void end(
      BackgroundJob job,
      RunningJob running,
      State state,
      Map<String, String> result,
      String message)
      throws IOException {
    Map<String, String> all = new TreeMap<>(result);
    List<JobProgress> steps = running.steps();
    if (!steps.isEmpty()) {
      all.put(STEPS, steps.stream().map(JobProgress::encode).collect(Collectors.joining("\n")));
    }
    recorded.end(job, state, JSON.writeValueAsString(all), message);
  }

  /// Jobs that the caller may know of, newest first.
  ///
  /// @param after the id of the job that the list goes on after; empty for the newest
  /// @param limit at most that many, and never more than 500
  public List<JobView> list(Caller caller, Optional<String> after, int limit) throws IOException {
    Optional<String> user = caller.isAdmin() ? Optional.empty() : Optional.of(caller.userId());
    return recorded.list(user, after, Math.clamp(limit, 1, PAGE_MAX)).stream()
        .map(this::view)
        .toList();
  }

  /// The job of that id.
  ///
  /// @throws OperationException NOT_FOUND when there is none that the caller may know of
  public JobView get(Caller caller, String id) throws IOException {
    return recorded
        .find(id)
        .filter(job -> caller.isAdmin() || job.userId().equals(caller.userId()))
        .map(this::view)
        .orElseThrow(() -> new OperationException(Kind.NOT_FOUND, "there is no job " + id));
  }

  private JobView view(BackgroundJob job) {
    Taken taken = unfinished.get(job.id());
    Map<String, String> result = new HashMap<>(results(job.result()));
    String steps = result.remove(STEPS);
    if (taken == null || job.state().ended()) {
      return new JobView(
          job,
          result,
          Optional.empty(),
          steps == null
              ? List.of()
              : steps.lines().flatMap(line -> JobProgress.decode(line).stream()).toList());
    }
    return new JobView(job, result, taken.job().progress(), taken.job().steps());
  }

  private static Map<String, String> results(String json) {
    try {
      return json.isEmpty() ? Map.of() : JSON.readValue(json, new TypeReference<>() {});
    } catch (JacksonException unreadable) {
      return Map.of();
    }
  }

  /// Asks a job to stop. It ends soon, unless it is done before.
  ///
  /// @throws OperationException NOT_FOUND as [#get]; REFUSED when it has ended
  public void cancel(Caller caller, String id) throws IOException {
    JobView job = get(caller, id);
    Target target = new Target(id, job.recorded().kind() + " " + job.recorded().subject());
    audit.make(new Deed(caller.actor(), Action.JOB_CANCEL, target), () -> stop(id));
  }

  /// One that waits need not be waited for.
  private void stop(String id) throws IOException {
    Taken taken = unfinished.get(id);
    if (taken == null) {
      throw new OperationException(Kind.REFUSED, "the job has ended already");
    }
    taken.job().stop(State.CANCELLED);
    if (threads.remove(taken.task())) {
      unfinished.remove(id);
      end(taken.job().recorded(), taken.job(), State.CANCELLED, Map.of(), "");
    }
  }

  /// True while any job waits or runs.
  public boolean busy() {
    return !unfinished.isEmpty();
  }

  /// Takes no more jobs, asks those that run to stop, and waits up to 20 seconds for them.
  @Override
  public void close() {
    starting.lock();
    try {
      threads.shutdown();
      unfinished.values().forEach(taken -> taken.job().stop(State.INTERRUPTED));
    } finally {
      starting.unlock();
    }
    try {
      if (!threads.awaitTermination(STOP.toSeconds(), TimeUnit.SECONDS)) {
        LOG.log(Level.WARNING, "jobs still run: they are left to the end of the process");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
