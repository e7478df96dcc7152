package io.calco.engine.images;

import io.calco.catalog.Catalog;
import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageTask;
import io.calco.disk.ThreadEnd;
import io.calco.engine.OperationException;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// Work on images that goes on after its request was answered; each piece is a task in the
/// catalogue, which tells how far it is and why it failed.
///
/// Thread rule: safe for several threads.
final class BackgroundTasks implements AutoCloseable {
  private static final Logger LOG = System.getLogger(BackgroundTasks.class.getName());
  private static final Duration KEPT = Duration.ofDays(2);
  private static final Duration STOP = Duration.ofSeconds(10);

  /// More would only slow each other down.
  private static final int AT_ONCE = 8;

  private final ImageCatalog catalog;
  private final Semaphore running = new Semaphore(AT_ONCE, true);
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  BackgroundTasks(ImageCatalog catalog) {
    this.catalog = catalog;
  }

  /// What is to be done.
  @FunctionalInterface
  interface Work {
    /// Does it; the image that came of it.
    ImageEntry run() throws IOException;
  }

  /// What a task says of itself.
  ///
  /// @param type as the API has it
  /// @param imageId empty while there is no image
  /// @param requestId of the request that began it
  /// @param input what was asked for, as JSON
  record Description(String type, String imageId, String requestId, String input) {}

  /// Begins some work.
  ImageTask begin(Caller caller, Description description, Work work) throws IOException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    ImageTask task =
        new ImageTask(
            Catalog.newId(),
            description.imageId(),
            description.type(),
            ImageTask.Status.PENDING,
            caller.projectId().orElse(""),
            caller.userId(),
            description.requestId(),
            description.input(),
            "",
            "",
            now,
            now,
            now.plus(KEPT));
    catalog.addTask(task);
    Thread thread =
        Thread.ofVirtual().name("task " + description.imageId()).unstarted(() -> run(task, work));
    threads.add(thread);
    thread.start();
    return task;
  }

  private void run(ImageTask task, Work work) {
    running.acquireUninterruptibly();
    try {
      catalog.updateTask(task.with(ImageTask.Status.PROCESSING, "", ""));
      ImageEntry done = work.run();
      String result = "{\"image_id\": \"%s\"}".formatted(done.id());
      catalog.updateTask(task.with(ImageTask.Status.SUCCESS, result, ""));
    } catch (IOException | RuntimeException e) {
      OperationException told = OperationException.of(e);
      LOG.log(
          Level.INFO,
          () ->
              "%s of image %s failed: %s"
                  .formatted(task.type(), task.imageId(), told.getMessage()));
      fail(task, told);
    } finally {
      running.release();
      threads.remove(Thread.currentThread());
    }
  }

  private void fail(ImageTask task, OperationException told) {
    try {
      catalog.updateTask(
          task.with(ImageTask.Status.FAILURE, "", String.valueOf(told.getMessage())));
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, "a task's end could not be recorded", e);
    }
  }

  /// Stops what runs, and waits for it.
  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    ThreadEnd.await(Set.copyOf(threads), STOP);
  }
}
