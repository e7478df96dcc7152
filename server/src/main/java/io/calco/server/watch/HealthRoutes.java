package io.calco.server.watch;

import io.calco.engine.HomeVitals;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// `GET /healthz`: whether requests can be answered, for whoever starts and watches the server. 200
/// when they can, 503 when not: the catalogue and the store do not answer, there is little room
/// left, or the server is being stopped. `GET /healthz/live` asks the catalogue alone: while that
/// answers, starting the server anew helps nobody.
///
/// What is found holds for a second, so that asking often costs nothing.
public final class HealthRoutes implements Routes {
  private static final Logger LOG = System.getLogger(HealthRoutes.class.getName());
  private static final long HOLDS = TimeUnit.SECONDS.toNanos(1);

  private final HomeVitals vitals;
  private final Room room;
  private final BooleanSupplier stopping;
  private final ReentrantLock lock = new ReentrantLock();
  private Map<String, String> found = Map.of();
  private long at;

  /// Whether uploads find room.
  public interface Room {
    /// Asks the file system.
    boolean isLeft() throws IOException;
  }

  /// Of a home.
  ///
  /// @param stopping whether the server is being stopped
  public HealthRoutes(HomeVitals vitals, Room room, BooleanSupplier stopping) {
    this.vitals = vitals;
    this.room = room;
    this.stopping = stopping;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/healthz", this::ready).head("/healthz", this::ready);
    routes.get("/healthz/ready", this::ready).head("/healthz/ready", this::ready);
    routes.get("/healthz/live", this::live).head("/healthz/live", this::live);
  }

  private void ready(Context request) {
    Map<String, String> checks = new LinkedHashMap<>(checks());
    if (stopping.getAsBoolean()) {
      checks.put("server", "stopping");
    }
    boolean well = checks.values().stream().allMatch("ok"::equals);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("status", well ? "ok" : "unready");
    answer.put("checks", checks);
    answer(request, well, answer);
  }

  private void live(Context request) {
    boolean well = isAlive();
    answer(request, well, Map.of("status", well ? "ok" : "failing"));
  }

  /// Whether the catalogue answers.
  public boolean isAlive() {
    return "ok".equals(checks().get("catalogue"));
  }

  private static void answer(Context request, boolean well, Map<String, Object> answer) {
    request.header("Cache-Control", "no-store");
    Json.answer(request, well ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE, answer);
  }

  private Map<String, String> checks() {
    lock.lock();
    try {
      long now = System.nanoTime();
      if (found.isEmpty() || now - at > HOLDS) {
        Map<String, String> checks = new LinkedHashMap<>();
        checks.put("catalogue", check(vitals::requireCatalogue));
        checks.put("store", check(vitals::requireStore));
        checks.put("space", check(this::requireSpace));
        found = checks;
        at = now;
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  private void requireSpace() throws IOException {
    if (!room.isLeft()) {
      throw new IOException(
          "uploads find no room: %d MiB are free".formatted(vitals.freeBytes() >> 20));
    }
  }

  private interface Check {
    void run() throws IOException;
  }

  /// The reason is for the log: it may name files of this host.
  private static String check(Check check) {
    try {
      check.run();
      return "ok";
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "not healthy: {0}", e.getMessage());
      return "failing";
    }
  }
}
