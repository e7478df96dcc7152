package io.calco.machine;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/// Waits for the end of what a machine's QEMU does, which it is asked for again and again.
final class JobEnd {
  private static final long LIMIT_SECONDS = 120; // ours

  private JobEnd() {}

  /// Whether it goes on.
  interface Question {
    boolean goesOn() throws IOException;
  }

  /// Returns once it has ended.
  ///
  /// @param pauseMillis between two questions
  /// @param told of what does not end
  /// @throws IOException that, after two minutes
  static void await(Question question, long pauseMillis, String told) throws IOException {
    long begun = System.nanoTime();
    while (question.goesOn()) {
      if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
        throw new IOException(told);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(pauseMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }
  }
}
