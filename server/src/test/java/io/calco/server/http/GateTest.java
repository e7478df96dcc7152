package io.calco.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.OperationException;
import io.calco.server.settings.Settings;
import io.javalin.config.RoutesConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What every request passes: limits, proxies, and stopping.
class GateTest {
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch leave = new CountDownLatch(1);
  private final List<EndedExchange> ended = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private Optional<WebServer> running = Optional.empty();

  private WebServer start(Map<String, String> set) throws IOException {
    Map<String, String> settings = new HashMap<>(set);
    settings.put("CALCO_LISTEN", "127.0.0.1:0");
    WebServer server =
        WebServer.start(
            HttpSettings.of(Settings.of(settings)),
            Optional.empty(),
            List.of(ended::add),
            List.of(this::addTo));
    running = Optional.of(server);
    return server;
  }

  private void addTo(RoutesConfig routes) {
    routes.get(
        "/who/{name}",
        ctx -> ctx.result(ctx.ip() + " " + Addresses.base(ctx) + " " + ctx.scheme()));
    routes.get("/healthz", ctx -> ctx.result("ok"));
    routes.get(
        "/slow",
        ctx -> {
          entered.countDown();
          assertThat(leave.await(90, TimeUnit.SECONDS)).isTrue();
          ctx.result("done");
        });
    routes.get(
        "/events",
        ctx -> {
          Exchange.of(ctx).markEndless();
          entered.countDown();
          leave.await(90, TimeUnit.SECONDS);
        });
  }

  @AfterEach
  void close() {
    leave.countDown();
    client.close();
    running.ifPresent(WebServer::close);
  }

  private CompletableFuture<HttpResponse<String>> send(
      WebServer server, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + server.address() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.sendAsync(request.build(), BodyHandlers.ofString());
  }

  @Test
  void everyAnswerHasAnIdAndIsObserved() throws Exception {
    WebServer server = start(Map.of());
    HttpResponse<String> answer = send(server, "/who/ana?token=secret").join();
    String id = answer.headers().firstValue("X-Openstack-Request-Id").orElseThrow();
    assertThat(id).matches("req-[0-9a-f-]{36}");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(send(server, "/nowhere").join().statusCode()).isEqualTo(404);
    server.close();
    assertThat(ended).hasSize(2);
    EndedExchange first = ended.getFirst();
    assertThat(first.exchange().orElseThrow().id()).isEqualTo(id);
    assertThat(first.route()).isEqualTo("/who/{name}");
    assertThat(first.path()).isEqualTo("/who/ana");
    assertThat(first.status()).isEqualTo(200);
    assertThat(first.bytesOut()).isEqualTo(answer.body().length());
    assertThat(ended.getLast().route()).isEmpty();
  }

  @Test
  void stoppingRefusesTheNewAndWaitsForTheRunning() throws Exception {
    WebServer server = start(Map.of());
    CompletableFuture<HttpResponse<String>> slow = send(server, "/slow");
    assertThat(entered.await(90, TimeUnit.SECONDS)).isTrue();
    Thread closing = Thread.ofVirtual().start(server::close);
    while (!server.isStopping()) {
      Thread.sleep(5);
    }
    HttpResponse<String> refused = send(server, "/who/ana").join();
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("5");
    assertThat(refused.body()).contains("\"message\":\"The server is being stopped.\"");
    assertThat(send(server, "/healthz").join().statusCode()).as("still watched").isEqualTo(200);
    leave.countDown();
    assertThat(slow.join().body()).isEqualTo("done");
    assertThat(closing.join(Duration.ofSeconds(60))).isTrue();
  }

  @Test
  void stoppingWaitsNoLongerThanItMay() throws Exception {
    WebServer server = start(Map.of("CALCO_STOP_TIMEOUT", "1s"));
    java.util.logging.Logger.getLogger(WebServer.class.getName())
        .setLevel(java.util.logging.Level.OFF);
    CompletableFuture<HttpResponse<String>> slow = send(server, "/slow");
    assertThat(entered.await(90, TimeUnit.SECONDS)).isTrue();
    long start = System.nanoTime();
    server.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
    assertThat(slow).as("cut off").failsWithin(Duration.ofSeconds(30));
  }

  @Test
  void anEndlessAnswerIsNotWaitedFor() throws Exception {
    WebServer server = start(Map.of());
    CompletableFuture<HttpResponse<String>> events = send(server, "/events");
    assertThat(entered.await(90, TimeUnit.SECONDS)).isTrue();
    long start = System.nanoTime();
    server.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
    assertThat(events.handle((answer, failure) -> "ended")).succeedsWithin(Duration.ofSeconds(30));
  }

  @Test
  void tooManyRequestsAreToldToWait() throws Exception {
    WebServer server = start(Map.of("CALCO_REQUESTS_PER_MINUTE", "3"));
    for (int i = 0; i < 3; i++) {
      assertThat(send(server, "/who/ana").join().statusCode()).isEqualTo(200);
    }
    HttpResponse<String> refused = send(server, "/who/ana").join();
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isBetween(1L, 21L);
    assertThat(send(server, "/healthz").join().statusCode()).isEqualTo(200);
  }

  @Test
  void aBucketFillsWithTime() {
    AtomicLong now = new AtomicLong(-5);
    RequestLimit limit = new RequestLimit(60, now::get);
    for (int i = 0; i < 60; i++) {
      assertThat(limit.take("a")).isEmpty();
    }
    assertThat(limit.take("a")).hasValue(Duration.ofSeconds(1));
    assertThat(limit.take("b")).isEmpty();
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1500));
    assertThat(limit.take("a")).isEmpty();
    assertThat(limit.take("a")).hasValue(Duration.ofMillis(500));
    assertThat(RequestLimit.client("2001:db8:1:2::5"))
        .isEqualTo(RequestLimit.client("2001:db8:1:2:ffff::1"))
        .isNotEqualTo(RequestLimit.client("2001:db8:1:3::5"));
    assertThat(RequestLimit.client("192.0.2.1")).isEqualTo("192.0.2.1");
  }

  @Test
  void onlyTrustedProxiesAreBelieved() throws Exception {
    String[] told = {
      "X-Forwarded-For", "6.6.6.6, 192.0.2.7, 10.1.1.1",
      "X-Forwarded-Proto", "https",
      "X-Forwarded-Host", "images.example:8443"
    };
    WebServer open = start(Map.of());
    assertThat(send(open, "/who/ana", told).join().body())
        .isEqualTo("127.0.0.1 http://%s http".formatted(open.address()));
    open.close();
    WebServer behind = start(Map.of("CALCO_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8"));
    assertThat(send(behind, "/who/ana", told).join().body())
        .isEqualTo("192.0.2.7 https://images.example:8443 https");
    assertThat(send(behind, "/who/ana").join().body())
        .isEqualTo("127.0.0.1 http://%s http".formatted(behind.address()));
    assertThat(
            send(behind, "/who/ana", "X-Forwarded-For", "x, y", "X-Forwarded-Host", "a b<")
                .join()
                .body())
        .isEqualTo("127.0.0.1 http://%s http".formatted(behind.address()));
  }

  @Test
  void ranges() throws Exception {
    AddressRange net = AddressRange.parse("10.32.0.0/11");
    assertThat(net.holds(InetAddress.ofLiteral("10.63.255.255"))).isTrue();
    assertThat(net.holds(InetAddress.ofLiteral("10.64.0.0"))).isFalse();
    assertThat(net.holds(InetAddress.ofLiteral("::1"))).isFalse();
    assertThat(AddressRange.parse("fd00::/8").holds(InetAddress.ofLiteral("fdff::1"))).isTrue();
    assertThat(AddressRange.parse("0.0.0.0/0").holds(InetAddress.ofLiteral("1.2.3.4"))).isTrue();
    for (String bad : List.of("", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "a.example/8")) {
      assertThatThrownBy(() -> AddressRange.parse(bad))
          .as(bad)
          .isInstanceOf(OperationException.class);
    }
  }

  @Test
  void aLongHeadIsRefused() throws Exception {
    WebServer server = start(Map.of("CALCO_HEADER_MAX", "2K"));
    assertThat(send(server, "/who/ana", "X-Long", "x".repeat(1000)).join().statusCode())
        .isEqualTo(200);
    assertThat(send(server, "/who/ana", "X-Long", "x".repeat(3000)).join().statusCode())
        .isEqualTo(431);
  }

  @Test
  void aSilentConnectionIsClosed() throws Exception {
    WebServer server = start(Map.of("CALCO_IDLE_TIMEOUT", "1s"));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().port())) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      out.write("GET /who/ana HTTP/1.1\r\nHost".getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String answer = in.readLine();
      assertThat(answer)
          .as("none, or a timeout")
          .satisfiesAnyOf(
              line -> assertThat(line).isNull(), line -> assertThat(line).contains("408"));
    }
  }
}
