package io.calco.server.watch;

import io.calco.server.http.EndedExchange;
import io.calco.server.http.Exchange;
import io.calco.server.http.ExchangeObserver;
import io.calco.server.watch.WatchSettings.Requests;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/// A line in the log for each request that was answered, at most 100 a second: of the rest, how
/// many they were. What watches the server and what pages are made of is told at the level debug.
///
/// Thread rule: safe.
public final class AccessLog implements ExchangeObserver {
  private static final int LINES_A_SECOND = 100;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final List<String> QUIET = List.of("/healthz", "/metrics", "/ui/static/");
  private static final int FAILURE = 400;
  private static final int FAULT = 500;

  private final Logger log;
  private final Requests requests;
  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();
  private long second;
  private int lines;
  private long left;

  /// Logs to `io.calco.server.access`.
  public AccessLog(Requests requests) {
    this(LoggerFactory.getLogger("io.calco.server.access"), requests, System::nanoTime);
  }

  AccessLog(Logger log, Requests requests, LongSupplier clock) {
    this.log = log;
    this.requests = requests;
    this.clock = clock;
    this.second = clock.getAsLong();
  }

  @Override
  public void ended(EndedExchange ended) {
    boolean asked =
        switch (requests) {
          case ALL -> true;
          case FAILURES -> ended.status() >= FAILURE;
          case OFF -> false;
        };
    Level level = level(ended);
    if (asked && log.isEnabledForLevel(level) && hasRoom()) {
      write(ended, log.atLevel(level));
    }
  }

  private static Level level(EndedExchange ended) {
    if (ended.status() >= FAULT && !ended.route().startsWith("/healthz")) {
      return Level.WARN;
    }
    return QUIET.stream().anyMatch(ended.route()::startsWith) ? Level.DEBUG : Level.INFO;
  }

  private boolean hasRoom() {
    long unsaid = 0;
    lock.lock();
    try {
      long now = clock.getAsLong();
      if (now - second >= SECOND) {
        second = now;
        lines = 0;
        unsaid = left;
        left = 0;
      }
      if (lines >= LINES_A_SECOND) {
        left++;
        return false;
      }
      lines++;
    } finally {
      lock.unlock();
    }
    if (unsaid > 0) {
      log.atInfo().addKeyValue("requests", unsaid).log("further requests, not told one by one");
    }
    return true;
  }

  private static void write(EndedExchange ended, LoggingEventBuilder line) {
    line.addKeyValue("request", ended.exchange().map(Exchange::id).orElse("-"))
        .addKeyValue("client", ended.client())
        .addKeyValue("user", ended.exchange().flatMap(Exchange::caller).orElse("-"))
        .addKeyValue("in", ended.bytesIn())
        .addKeyValue("out", ended.bytesOut())
        .addKeyValue("ms", ended.took().toMillis())
        .addKeyValue("status", ended.status())
        .log("{} {}", ended.method(), ended.path());
  }
}
