package io.calco.engine.machine;

import io.calco.disk.JobContext;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Waits for machines that were asked to shut down. Stateless.
public final class MachineEnds {
  private static final long PAUSE_MILLIS = 500; // ours

  private MachineEnds() {}

  /// Waits until they are off, or time is up.
  ///
  /// @return those that are not
  /// @throws java.util.concurrent.CancellationException when the job was cancelled
  public static List<String> await(
      MachineHost host, List<String> names, Duration timeout, JobContext job) throws IOException {
    long end = System.nanoTime() + timeout.toNanos();
    List<String> running = new ArrayList<>(names);
    while (true) {
      List<String> still = new ArrayList<>();
      for (String name : running) {
        if (host.show(name).state().active()) {
          still.add(name);
        }
      }
      running = still;
      job.progress("machines that are still on", running.size(), 0);
      if (running.isEmpty() || System.nanoTime() - end > 0) {
        return running;
      }
      job.checkCancelled();
      pause();
    }
  }

  private static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }
}
