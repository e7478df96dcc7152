package io.calco.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Waits until a process that a test started has ended, and never for ever.
///
/// `onExit().join()` would be shorter; but it needs a thread of the common pool, of which a machine
/// with two processors has one, and it has no limit.
public final class ProcessEnd {
  /// Only for what hangs.
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private ProcessEnd() {}

  /// Kills it, and waits until it is gone.
  public static void kill(Process process) {
    await(process.destroyForcibly());
  }

  /// Its exit code, once it has ended.
  ///
  /// @throws AssertionError if it has not after five minutes; then it is killed
  public static int await(Process process) {
    try {
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(process + " goes on for more than " + LIMIT);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + process, e);
    }
  }
}
