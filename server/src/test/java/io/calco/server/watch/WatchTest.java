package io.calco.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.http.EndedExchange;
import io.calco.server.settings.Settings;
import io.calco.server.watch.WatchSettings.Requests;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What those who run the server see of it.
class WatchTest {
  /// A line of Prometheus' text format: a comment, or a name, labels and a number.
  private static final Pattern METRIC =
      Pattern.compile(
          "# (HELP|TYPE) .+|[a-z0-9_]+(\\{([a-z0-9_]+=\"[^\"]*\",?)+})? (-?[0-9.]+(E-?[0-9]+)?|NaN|\\+Inf)");

  @TempDir private Path directory;

  private Served serve(Map<String, String> set) throws IOException {
    Map<String, String> settings = new HashMap<>(set);
    settings.put("CALCO_LISTEN", "127.0.0.1:0");
    settings.put("CALCO_ADMIN_PASSWORD", Served.PASSWORD);
    return new Served(directory, ServerSettings.of(Settings.of(settings)));
  }

  @Test
  void metricsTellOfRequestsAndOfTheHome() throws IOException {
    try (Served served = serve(Map.of())) {
      String token = served.token("admin", Served.PASSWORD, "admin");
      String made =
          served
              .send("POST", "/v2/images", token, "{\"name\":\"a\"}")
              .headers()
              .firstValue("Location")
              .orElseThrow();
      String id = made.substring(made.lastIndexOf('/') + 1);
      served.send("GET", "/v2/images/" + id, token, "");
      served.send("GET", "/v2/images/none", token, "");
      served.send("BREW", "/x/" + token, token, "");
      String metrics = served.send("GET", "/metrics", "", "").body();
      assertThat(metrics.lines()).allMatch(METRIC.asMatchPredicate());
      assertThat(metrics)
          .contains("calco_images 1.0", "calco_store_free_bytes ", "jvm_memory_used_bytes{")
          .contains(
              "calco_http_requests_seconds_count{method=\"GET\",route=\"/v2/images/{image}\",status=\"200\"} 1",
              "route=\"/v2/images/{image}\",status=\"404\"} 1",
              "{method=\"other\",route=\"none\",status=",
              "calco_transfers_running{direction=\"upload\"} 0.0")
          .doesNotContain(id, token);
    }
  }

  @Test
  void metricsAreForThoseWhoMayReadThem() throws IOException {
    try (Served served = serve(Map.of())) {
      assertThat(status(served, "X-Forwarded-For", "192.0.2.1")).isEqualTo(403);
      assertThat(status(served, "X-Nothing", "x")).isEqualTo(200);
    }
    try (Served served = serve(Map.of("CALCO_METRICS_TOKEN", "llave"))) {
      assertThat(status(served, "X-Nothing", "x")).isEqualTo(401);
      assertThat(status(served, "Authorization", "Bearer llav")).isEqualTo(401);
      assertThat(status(served, "Authorization", "Bearer llave")).isEqualTo(200);
    }
    try (Served served = serve(Map.of("CALCO_METRICS", "off"))) {
      assertThat(status(served, "X-Nothing", "x")).isEqualTo(404);
    }
    try (Served served = serve(Map.of("CALCO_TRUSTED_PROXIES", "127.0.0.1"))) {
      assertThat(status(served, "X-Forwarded-For", "192.0.2.1")).isEqualTo(403);
    }
  }

  private static int status(Served served, String name, String value) {
    return served.get("/metrics", name, value).statusCode();
  }

  @Test
  void littleRoomIsNotReadyButAlive() throws IOException {
    java.util.logging.Logger.getLogger(HealthRoutes.class.getName())
        .setLevel(java.util.logging.Level.OFF);
    try (Served served = serve(Map.of("CALCO_STORE_RESERVE", "8000000T"))) {
      HttpResponse<String> ready = served.send("GET", "/healthz", "", "");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body())
          .isEqualTo(
              "{\"status\":\"unready\",\"checks\":"
                  + "{\"catalogue\":\"ok\",\"store\":\"ok\",\"space\":\"failing\"}}");
      assertThat(served.send("GET", "/healthz/live", "", "").body())
          .isEqualTo("{\"status\":\"ok\"}");
    }
  }

  @Test
  void aStoreThatIsGoneIsNotReady() throws Exception {
    java.util.logging.Logger.getLogger(HealthRoutes.class.getName())
        .setLevel(java.util.logging.Level.OFF);
    try (Served served = serve(Map.of())) {
      assertThat(served.send("GET", "/healthz/ready", "", "").statusCode()).isEqualTo(200);
      Path config = directory.resolve("store/config");
      Path away = directory.resolve("config-away");
      Files.move(config, away);
      Thread.sleep(1100); // what was found holds for a second
      assertThat(served.send("GET", "/healthz/ready", "", "").body())
          .contains("\"store\":\"failing\"")
          .doesNotContain(directory.toString());
      Files.move(away, config);
    }
  }

  private static Logger logger(LoggerContext context, ListAppender<ILoggingEvent> into) {
    if (!into.isStarted()) {
      into.setContext(context);
      into.start();
    }
    Logger log = context.getLogger("io.calco.server.access");
    log.setLevel(Level.INFO);
    log.addAppender(into);
    return log;
  }

  private static EndedExchange ended(String path, int status) {
    return new EndedExchange(
        Optional.empty(), "GET", path, "192.0.2.1", status, 5, 7, Duration.ofMillis(12));
  }

  @Test
  void requestsAreLoggedSanely() {
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    AtomicLong now = new AtomicLong();
    AccessLog log = new AccessLog(logger(new LoggerContext(), told), Requests.ALL, now::get);
    for (int i = 0; i < 250; i++) {
      log.ended(ended("/v2/images", 200));
    }
    assertThat(told.list).hasSize(100);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    log.ended(ended("/v2/images", 503));
    assertThat(told.list).hasSize(102);
    assertThat(told.list.get(100).getKeyValuePairs().getFirst().value).isEqualTo(150L);
    assertThat(told.list.get(101).getLevel()).isEqualTo(Level.WARN);
    AccessLog failures =
        new AccessLog(logger(new LoggerContext(), told), Requests.FAILURES, now::get);
    failures.ended(ended("/", 200));
    assertThat(told.list).hasSize(102);
    failures.ended(ended("/", 404));
    assertThat(told.list).hasSize(103);
  }

  @Test
  void linesAreForPeopleAndForPrograms() throws Exception {
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    Logger log = logger(new LoggerContext(), told);
    log.atWarn()
        .addKeyValue("status", 500)
        .setCause(new IOException("no\u001b[31m way\nINFO forged"))
        .log("GET {}", "/a\r\nb\u0007");
    ILoggingEvent event = told.list.getFirst();
    String text = encode(LogLines.Shape.TEXT, event);
    assertThat(text.lines().findFirst().orElseThrow())
        .matches(
            "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  GET /a\\?\\?b\\? status=500");
    assertThat(text.lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("  "));
    assertThat(text).doesNotContain("\u001b");
    assertThat(encode(LogLines.Shape.JOURNAL, event)).startsWith("<4>GET /a??b? status=500\n");
    String json = encode(LogLines.Shape.JSON, event);
    assertThat(json.lines()).hasSize(1);
    JsonNode line = JsonMapper.shared().readTree(json);
    assertThat(line.get("level").stringValue()).isEqualTo("warn");
    assertThat(line.get("message").stringValue()).isEqualTo("GET /a\r\nb\u0007");
    assertThat(line.get("status").intValue()).isEqualTo(500);
    assertThat(line.get("trace").stringValue()).contains("IOException");
    assertThat(List.copyOf(line.propertyNames()))
        .containsExactly("time", "level", "logger", "message", "status", "trace");
  }

  private static String encode(LogLines.Shape shape, ILoggingEvent event) {
    return new String(new LogLines(shape).encode(event), StandardCharsets.UTF_8);
  }
}
