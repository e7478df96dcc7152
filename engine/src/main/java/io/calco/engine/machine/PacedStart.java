package io.calco.engine.machine;

import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;

/// Starts machines one after the other.
///
/// @param pace time between one's start and the next one's
public record PacedStart(Machines machines, Duration pace) {
  private static final Duration LOOK_UP = Duration.ofMillis(200);

  /// Starts them in their order.
  ///
  /// @throws OperationException when one cannot be started; those after it are not
  public void start(List<String> names, JobContext job) throws IOException {
    for (int i = 0; i < names.size(); i++) {
      job.progress("starting machines", i, names.size());
      if (i > 0) {
        pause(job);
      }
      try {
        machines.start(names.get(i));
      } catch (IOException | OperationException e) {
        throw told(names.get(i), names.size() - i - 1, e);
      }
    }
  }

  private static OperationException told(String name, int after, Exception e) {
    OperationException why = OperationException.of(e);
    OperationException told =
        new OperationException(
            why.kind(),
            "machine %s, and %d after it, not started: %s".formatted(name, after, why.getMessage()),
            why.hint().orElse(""));
    told.addSuppressed(e);
    return told;
  }

  private void pause(JobContext job) throws IOException {
    long end = System.nanoTime() + pace.toNanos();
    for (long left = pace.toNanos(); left > 0; left = end - System.nanoTime()) {
      job.checkCancelled();
      try {
        Thread.sleep(Duration.ofNanos(Math.min(left, LOOK_UP.toNanos())));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }
  }
}
