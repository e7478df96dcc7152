package io.calco.engine.store;

import io.calco.disk.JobContext;
import io.calco.store.CollectionReport;
import io.calco.store.StoreBusyException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CancellationException;

/// Collects a store by itself while a server runs: now and then, when there may be garbage, and
/// gently: it rests as long as it works, so that requests have the machine.
///
/// Thread rule: safe for several threads.
public final class StoreUpkeep implements AutoCloseable {
  private static final Logger LOG = System.getLogger(StoreUpkeep.class.getName());

  /// What an earlier server left is looked for soon after the start: it may never run for long.
  private static final Duration FIRST = Duration.ofMinutes(5);

  /// Even when nothing was deleted: another process may have left something.
  private static final Duration AT_LEAST = Duration.ofDays(1);

  private static final Duration JOIN = Duration.ofSeconds(10);

  private final Collected store;
  private final Duration every;
  private final Thread thread;
  private long seen = -1;
  private long ran;
  private volatile boolean stopped;

  /// What is collected.
  public interface Collected {
    /// Counts up whenever something was left that a collection may delete.
    long leavings();

    /// Deletes what nothing needs.
    CollectionReport collect(JobContext job) throws IOException;
  }

  private StoreUpkeep(Collected store, Duration every) {
    this.store = store;
    this.every = every;
    this.thread = Thread.ofPlatform().daemon().name("store-upkeep").unstarted(this::run);
  }

  /// Begins.
  ///
  /// @param every the time from one look to the next
  public static StoreUpkeep start(Collected store, Duration every) {
    StoreUpkeep upkeep = new StoreUpkeep(store, every);
    upkeep.thread.start();
    return upkeep;
  }

  private void run() {
    try {
      Thread.sleep(FIRST.compareTo(every) < 0 ? FIRST : every);
      while (!stopped) {
        lookAfter();
        Thread.sleep(every);
      }
    } catch (InterruptedException | CancellationException e) {
      // Closed.
    }
  }

  private void lookAfter() {
    long leavings = store.leavings();
    boolean overdue = System.nanoTime() - ran > AT_LEAST.toNanos();
    if (leavings == seen && !overdue) {
      return;
    }
    try {
      CollectionReport report = store.collect(new Gentle());
      ran = System.nanoTime();
      // What waits for uploads is looked for again the next time.
      seen = report.condemnedPacks() == 0 ? leavings : -1;
      LOG.log(
          report.deletedPacks() + report.movedBytes() == 0 ? Level.DEBUG : Level.INFO,
          "the store was collected: {0} packs with {1} bytes deleted, {2} bytes rewritten",
          report.deletedPacks(),
          report.deletedBytes(),
          report.movedBytes());
    } catch (StoreBusyException another) {
      LOG.log(Level.DEBUG, "the store is being collected by another process");
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the store could not be collected: {0}", e.getMessage());
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "the store could not be collected", e);
    }
  }

  /// Works and rests in turn.
  private final class Gentle implements JobContext {
    private static final Duration TURN = Duration.ofMillis(50);

    private long since = System.nanoTime();

    @Override
    public void progress(String step, long done, long total) {
      checkCancelled();
    }

    @Override
    public void checkCancelled() {
      if (stopped) {
        throw new CancellationException();
      }
      if (System.nanoTime() - since > TURN.toNanos()) {
        try {
          Thread.sleep(TURN);
        } catch (InterruptedException e) {
          throw new CancellationException();
        }
        since = System.nanoTime();
      }
    }
  }

  /// Stops, amid a collection too: the next one goes on with what it began.
  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
    try {
      thread.join(JOIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
