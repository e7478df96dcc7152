package io.calco.engine.audit;

import io.calco.catalog.AuditEvent;
import io.calco.catalog.AuditEvent.Outcome;
import io.calco.catalog.AuditEvents;
import io.calco.catalog.AuditEvents.Retention;
import io.calco.catalog.AuditQuery;
import io.calco.catalog.Catalog;
import io.calco.catalog.CatalogException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// Writes and reads the audit log of a catalogue.
///
/// Thread rule: safe for several threads.
public final class AuditLog {
  private static final Logger LOG = System.getLogger(AuditLog.class.getName());

  private static final Retention RETENTION = new Retention(200_000, 50_000);

  /// Ours: texts of clients are cut to it.
  private static final int TEXT_MAX = 300;

  private static final Duration OFTEN = Duration.ofMinutes(10);
  private static final int OFTEN_MAX = 10_000;

  private final AuditEvents events;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Instant> recent =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > OFTEN_MAX;
        }
      };

  /// The log of a catalogue.
  public AuditLog(Catalog catalog) {
    this(catalog.audit(), InstantSource.system());
  }

  AuditLog(AuditEvents events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
  }

  /// Work that is recorded.
  @FunctionalInterface
  public interface Work<T> {
    /// Does it.
    T run() throws IOException;
  }

  /// Work without a result.
  @FunctionalInterface
  public interface Change {
    /// Makes it.
    void make() throws IOException;
  }

  /// Does something, and records that it was done, refused (an unchecked exception of ours) or
  /// could not be done.
  public void make(Deed deed, Change change) throws IOException {
    make(
        deed,
        () -> {
          change.make();
          return true;
        },
        done -> deed.target());
  }

  /// The same with a result, which tells what it was done to.
  public <T> T make(Deed deed, Work<T> work, Function<T, Target> target) throws IOException {
    T done;
    try {
      done = work.run();
    } catch (IOException | RuntimeException e) {
      try {
        record(deed.with(String.valueOf(e.getMessage())), outcome(e));
      } catch (IOException unrecorded) {
        e.addSuppressed(unrecorded);
      }
      throw e;
    }
    done(deed.to(target.apply(done)));
    return done;
  }

  private static Outcome outcome(Exception failure) {
    return switch (failure) {
      case CatalogException.Taken _,
          CatalogException.Gone _,
          CatalogException.InUse _,
          CatalogException.InvalidName _ ->
          Outcome.REFUSED;
      case IOException _ -> Outcome.FAILED;
      default -> Outcome.REFUSED;
    };
  }

  /// Records what was done.
  public void done(Deed deed) throws IOException {
    record(deed, Outcome.DONE);
  }

  /// Records what was not done because it was not allowed; its detail is why.
  public void refused(Deed deed) throws IOException {
    record(deed, Outcome.REFUSED);
  }

  /// Records what is done many times in a row: once in ten minutes. A full disk keeps nobody from
  /// reading: then the log of the process has it instead.
  public void doneOften(Deed deed) throws IOException {
    Instant now = clock.instant();
    String key = deed.by() + " " + deed.action() + " " + deed.target().id();
    lock.lock();
    try {
      Instant last = recent.get(key);
      if (last != null && now.isBefore(last.plus(OFTEN))) {
        return;
      }
      recent.put(key, now);
    } finally {
      lock.unlock();
    }
    try {
      done(deed);
    } catch (CatalogException.Full e) {
      LOG.log(Level.WARNING, "{0}; {1} was not recorded", e.getMessage(), key);
    }
  }

  private void record(Deed deed, Outcome outcome) throws IOException {
    Actor by = deed.by();
    events.add(
        new AuditEvent(
            0,
            clock.instant(),
            by.userId(),
            cut(by.userName()),
            by.projectId(),
            by.address(),
            deed.action().text(),
            cut(deed.target().id()),
            cut(deed.target().name()),
            outcome,
            cut(deed.detail())),
        RETENTION);
  }

  private static String cut(String text) {
    int end = Math.min(text.length(), TEXT_MAX);
    boolean pair = end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, pair ? end - 1 : end);
  }

  /// Events, newest first.
  public List<AuditEvent> list(AuditQuery query) throws IOException {
    return events.list(query);
  }
}
