package io.calco.engine.store;

import io.calco.catalog.BackgroundJob;
import io.calco.disk.JobContext;
import io.calco.disk.ThreadEnd;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.identity.Caller;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import io.calco.store.CollectionReport;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A served home's store: for its administrators what it holds, and its upkeep as jobs; for others
/// what the images of their project hold, as if there were no others. That an image of somebody
/// else has the same content is nobody's business.
///
/// Counting takes seconds where there are many images: it is done beside the requests, one count
/// after the other, when somebody asks and what is known is older than ten minutes; until it is
/// done, what was known is told.
///
/// Thread rule: safe for several threads.
public final class StoreCare implements AutoCloseable {
  private static final Logger LOG = System.getLogger(StoreCare.class.getName());
  private static final Duration FRESH = Duration.ofMinutes(10);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final int SUFFERERS_TOLD = 20;

  /// Ours: what was counted for so many projects is kept, of those that asked last.
  private static final int KEPT = 200;

  /// Stands where a project's id would.
  private static final String WHOLE_STORE = "";

  private final Calco calco;
  private final StoreSecret secret;
  private final Jobs jobs;
  private final ReentrantLock lock = new ReentrantLock();
  private final Semaphore turns = new Semaphore(1, true);
  private final Map<String, Count> counts = new LinkedHashMap<>(16, 0.75f, true);
  private volatile boolean closed;

  /// Of this home.
  ///
  /// @param secret opens the store; stays the caller's to close, after this
  public StoreCare(Calco calco, StoreSecret secret, Jobs jobs) {
    this.calco = calco;
    this.secret = secret;
    this.jobs = jobs;
  }

  /// What was counted.
  ///
  /// @param at when
  public record Counted(Instant at, StoreStatus status) {}

  /// What is counted.
  public enum Scope {
    /// The store, for administrators.
    STORE,
    /// The images of the caller's project.
    PROJECT
  }

  /// A count that was made or is being made; guarded by the lock.
  private static final class Count {
    private @Nullable Counted latest;
    private @Nullable Thread running;
  }

  /// What is known at a moment.
  ///
  /// @param counted empty while nothing is
  /// @param counting whether it is being counted
  public record Known(Optional<Counted> counted, boolean counting) {}

  /// What is known, if anything is; counting begins when that is old.
  ///
  /// @throws OperationException DENIED when that is not for the caller
  public Known known(Caller caller, Scope scope) {
    String key = key(caller, scope);
    lock.lock();
    try {
      Count count = count(key);
      Counted known = count.latest;
      if (known == null || known.at().plus(FRESH).isBefore(Instant.now())) {
        begin(key, count);
      }
      return new Known(Optional.ofNullable(known), count.running != null);
    } finally {
      lock.unlock();
    }
  }

  /// Begins to count again, unless that was done just now.
  public void refresh(Caller caller, Scope scope) {
    String key = key(caller, scope);
    lock.lock();
    try {
      Count count = count(key);
      Counted known = count.latest;
      if (known == null || known.at().plus(AGAIN).isBefore(Instant.now())) {
        begin(key, count);
      }
    } finally {
      lock.unlock();
    }
  }

  private static String key(Caller caller, Scope scope) {
    if (scope == Scope.STORE) {
      requireAdmin(caller);
      return WHOLE_STORE;
    }
    return caller
        .projectId()
        .filter(id -> !id.isEmpty() && caller.has(Caller.READER))
        .orElseThrow(() ->
            new OperationException(Kind.DENIED, "You have no role in a project that has images."));
  }

  private Count count(String key) {
    Count count = counts.computeIfAbsent(key, _ -> new Count());
    Iterator<Count> oldest = counts.values().iterator();
    while (counts.size() > KEPT && oldest.hasNext()) {
      Count other = oldest.next();
      if (other.running == null && !other.equals(count)) {
        oldest.remove();
      }
    }
    return count;
  }

  private void begin(String key, Count count) {
    if (count.running == null && !closed) {
      count.running =
          Thread.ofPlatform().daemon().name("store-count").start(() -> makeInTurn(key, count));
    }
  }

  private void makeInTurn(String key, Count count) {
    @Nullable Counted made = null;
    turns.acquireUninterruptibly();
    try {
      made = closed ? null : make(key);
    } catch (CancellationException stopped) {
      // nobody waits for it
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "what the store holds could not be counted", e);
    } finally {
      turns.release();
      lock.lock();
      try {
        count.latest = made == null ? count.latest : made;
        count.running = null;
      } finally {
        lock.unlock();
      }
    }
  }

  private Counted make(String key) throws IOException {
    Instant at = Instant.now();
    HomeStore store = HomeStore.of(calco.home(), secret);
    JobContext job = new UntilClosed();
    return new Counted(
        at, key.equals(WHOLE_STORE) ? store.status(calco, job) : store.statusOf(calco, key, job));
  }

  private final class UntilClosed implements JobContext {
    @Override
    public void progress(String step, long done, long total) {
      checkCancelled();
    }

    @Override
    public void checkCancelled() {
      if (closed) {
        throw new CancellationException();
      }
    }
  }

  /// Begins to give back the space of what nothing needs any more.
  public BackgroundJob collect(Caller caller) throws IOException {
    requireAdmin(caller);
    return jobs.start(caller, JobKind.STORE_COLLECT, "", job -> collect(caller.actor(), job));
  }

  private Map<String, String> collect(Actor actor, JobContext job) throws IOException {
    CollectionReport done = HomeStore.of(calco.home(), secret).collect(job);
    record(actor, Action.STORE_COLLECT, done.deletedBytes() + " bytes");
    lock.lock();
    try {
      counts.values().forEach(count -> count.latest = null);
    } finally {
      lock.unlock();
    }
    return Map.of(
        "deleted-bytes", String.valueOf(done.deletedBytes()),
        "condemned-packs", String.valueOf(done.condemnedPacks()));
  }

  /// Begins to read and compare all that is stored.
  public BackgroundJob verify(Caller caller) throws IOException {
    requireAdmin(caller);
    return jobs.start(caller, JobKind.STORE_VERIFY, "", job -> verify(caller.actor(), job));
  }

  private Map<String, String> verify(Actor actor, JobContext job) throws IOException {
    StoreVerification found = HomeStore.of(calco.home(), secret).verify(calco, job);
    String damages = String.valueOf(found.report().damages().size());
    record(actor, Action.STORE_VERIFY, damages + " damages");
    return Map.of(
        "bytes",
        String.valueOf(found.report().bytes()),
        "damages",
        damages,
        "suffers",
        found.sufferers().stream()
            .limit(SUFFERERS_TOLD)
            .map(sufferer -> sufferer.holder().text())
            .collect(Collectors.joining(", ")));
  }

  private void record(Actor actor, Action action, String detail) throws IOException {
    calco.audit().done(new Deed(actor, action, Target.NONE, detail));
  }

  private static void requireAdmin(Caller caller) {
    if (!caller.isAdmin()) {
      throw new OperationException(Kind.DENIED, "The store is its administrators' to look after.");
    }
  }

  /// Stops counting.
  @Override
  public void close() {
    closed = true;
    List<Thread> running;
    lock.lock();
    try {
      running =
          counts.values().stream().flatMap(count -> Stream.ofNullable(count.running)).toList();
    } finally {
      lock.unlock();
    }
    ThreadEnd.await(running, STOP);
  }
}
