package io.calco.cli;

import io.calco.disk.JobContext;
import java.io.PrintStream;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Shows how far work is: a bar on a terminal, a line now and then elsewhere. Nothing is shown for
/// work of under a second.
///
/// Ctrl-C cancels: the work stops between two pieces and cleans up after itself. Thread rule: safe.
final class Progress implements JobContext, AutoCloseable {
  private static final long FIRST_NANOS = 800_000_000L;
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 10_000_000_000L;
  private static final int BAR = 24;

  /// Where progress goes.
  enum Style {
    NONE,
    PLAIN,
    TERMINAL
  }

  private final PrintStream out;
  private final Style style;
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private @Nullable Thread hook;
  private String step = "";
  private long begun = System.nanoTime();
  private long shown = begun - PLAIN_NANOS;
  private boolean lineOpen;

  Progress(PrintStream out, Style style) {
    this.out = out;
    this.style = style;
  }

  /// From here on Ctrl-C cancels and waits for the work to end, instead of ending the process in
  /// the midst of it.
  Progress catchInterrupt() {
    Thread worker = Thread.currentThread();
    hook =
        new Thread(() -> {
          cancelled.set(true);
          try {
            worker.join(10_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Runtime.getRuntime().addShutdownHook(hook);
    return this;
  }

  @Override
  public void checkCancelled() {
    if (cancelled.get()) {
      throw new CancellationException();
    }
  }

  @Override
  public synchronized void progress(String now, long done, long total) {
    if (style == Style.NONE) {
      return;
    }
    long time = System.nanoTime();
    if (!now.equals(step)) {
      endLine();
      step = now;
      begun = time;
      shown = style == Style.TERMINAL ? time - TERMINAL_NANOS : time;
    }
    long pause = style == Style.TERMINAL ? TERMINAL_NANOS : PLAIN_NANOS;
    if (time - begun < FIRST_NANOS || time - shown < pause) {
      return;
    }
    shown = time;
    String line = line(done, total, time - begun);
    if (style == Style.TERMINAL) {
      out.print("\r" + line + "\u001b[K");
      out.flush();
      lineOpen = true;
    } else {
      out.println(line);
    }
  }

  private String line(long done, long total, long nanos) {
    double seconds = nanos / 1e9;
    String speed = total >= 1 << 20 ? ", " + Text.size((long) (done / seconds)) + "/s" : "";
    if (total <= 0) {
      return step + ": " + (done >= 1 << 20 ? Text.size(done) : done) + speed;
    }
    long percent = Math.clamp(Math.round(100.0 * done / total), 0, 100);
    long left = done <= 0 ? 0 : Math.round(seconds * (total - done) / done);
    String rest = percent + " %" + speed + ", " + Text.duration(left) + " left";
    return style == Style.TERMINAL ? step + " " + bar(percent) + " " + rest : step + ": " + rest;
  }

  private static String bar(long percent) {
    int full = (int) (percent * BAR / 100);
    return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "]";
  }

  private void endLine() {
    if (lineOpen) {
      out.print("\r\u001b[K");
      out.flush();
      lineOpen = false;
    }
  }

  /// Clears the bar.
  @Override
  public synchronized void close() {
    endLine();
    if (hook != null && !cancelled.get()) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }
}
