package io.calco.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Callers;
import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The frame that all features stand in, with routes of its own.
class WebServerTest {
  private static final ListenAddress ANY = new ListenAddress("127.0.0.1", 0);
  private static final Caller ANA =
      new Caller("1", "ana", Optional.of(new Caller.Scope("p", "demo")), Set.of(Caller.READER));

  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch leave = new CountDownLatch(1);
  private final Authentication authentication = new Authentication(new Known(), Optional.empty());
  private final WebServer server = WebServer.start(ANY, List.of(this::addTo));
  private final HttpClient client = HttpClient.newHttpClient();

  /// Knows a token that is valid, and one that was and that a service may still pass on.
  private static final class Known implements Callers {
    @Override
    public Optional<Caller> find(String token) {
      return token.equals("good") ? Optional.of(ANA) : Optional.empty();
    }

    @Override
    public Optional<Caller> find(String token, String serviceToken) {
      return token.equals("expired") && serviceToken.equals("service")
          ? Optional.of(ANA)
          : find(token);
    }
  }

  private void addTo(RoutesConfig routes) {
    routes.get("/who", ctx -> ctx.result(authentication.caller(ctx).userName()));
    routes.get("/change", ctx -> ctx.result(authentication.caller(ctx, "member").userName()));
    routes.get(
        "/limited",
        ctx -> {
          throw new ApiException(
              HttpStatus.TOO_MANY_REQUESTS, "slowly", Map.of("Retry-After", "7"));
        });
    routes.get(
        "/missing",
        ctx -> {
          throw new OperationException(Kind.NOT_FOUND, "there is no image x");
        });
    routes.get(
        "/fault",
        ctx -> {
          throw new IOException("/secret/path is broken");
        });
    routes.get(
        "/file",
        ctx -> {
          throw new NoSuchFileException("x");
        });
    routes.post("/echo", ctx -> Json.answer(ctx, HttpStatus.OK, Json.object(ctx)));
    routes.get(
        "/slow",
        ctx -> {
          entered.countDown();
          assertThat(leave.await(90, TimeUnit.SECONDS)).isTrue();
          ctx.result("virtual: " + Thread.currentThread().isVirtual());
        });
  }

  @AfterEach
  void close() {
    leave.countDown();
    client.close();
    server.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + server.address() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), BodyHandlers.ofString()).join();
  }

  private HttpResponse<String> get(String path) {
    return send(request(path));
  }

  private static String error(int code, String title, String message) {
    return "{\"error\":{\"code\":%d,\"title\":\"%s\",\"message\":\"%s\"}}"
        .formatted(code, title, message);
  }

  @Test
  void tellsWhoAsks() {
    assertThat(send(request("/who").header("X-Auth-Token", "good")).body()).isEqualTo("ana");
    for (HttpRequest.Builder request :
        List.of(request("/who"), request("/who").header("X-Auth-Token", "bad"))) {
      HttpResponse<String> answer = send(request);
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate"))
          .hasValue("Keystone uri=\"http://%s/identity\"".formatted(server.address()));
      assertThat(answer.body())
          .isEqualTo(
              error(401, "Unauthorized", "The request you have made requires authentication."));
    }
    assertThat(send(request("/change").header("X-Auth-Token", "good")).statusCode()).isEqualTo(403);
  }

  @Test
  void anotherServicePassesATokenOn() {
    assertThat(
            send(request("/who")
                    .header("X-Auth-Token", "expired")
                    .header("X-Service-Token", "service "))
                .body())
        .isEqualTo("ana");
    assertThat(
            send(request("/who")
                    .header("X-Auth-Token", "expired")
                    .header("X-Service-Token", "other"))
                .statusCode())
        .isEqualTo(401);
    assertThat(send(request("/who").header("X-Auth-Token", "expired")).statusCode()).isEqualTo(401);
    assertThat(send(request("/who").header("X-Service-Token", "service")).statusCode())
        .isEqualTo(401);
  }

  @Test
  void failuresAreJson() {
    HttpResponse<String> limited = get("/limited");
    assertThat(limited.statusCode()).isEqualTo(429);
    assertThat(limited.headers().firstValue("Retry-After")).hasValue("7");
    assertThat(limited.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(get("/missing").body()).isEqualTo(error(404, "Not Found", "there is no image x"));
    assertThat(get("/nowhere").body())
        .isEqualTo(error(404, "Not Found", "The resource could not be found."));
    HttpResponse<String> method = send(request("/who").DELETE());
    assertThat(method.statusCode()).isEqualTo(405);
    assertThat(method.headers().firstValue("Allow").orElse("")).contains("GET");
    assertThat(method.body()).contains("\"code\":405");
  }

  @Test
  void faultsOfOurOwnAreNotExplainedToClients() {
    Logger log = Logger.getLogger(Failures.class.getName());
    log.setLevel(Level.OFF); // for what is provoked here
    assertThat(get("/fault").body())
        .isEqualTo(error(500, "Server Error", "The server failed; its log tells why."));
    log.setLevel(null);
    assertThat(get("/file").statusCode()).isEqualTo(404);
  }

  @Test
  void readsJsonWithinBounds() {
    assertThat(post("{\"a\": [1, \"ñ\"]}").body()).isEqualTo("{\"a\":[1,\"ñ\"]}");
    for (String bad :
        List.of("", "[]", "{", "{} {}", "{\"a\":1,\"a\":2}", "[".repeat(5000), "\u0000")) {
      assertThat(post(bad).statusCode()).as(bad).isEqualTo(400);
    }
    assertThat(post("{\"a\":\"" + "x".repeat(1 << 20) + "\"}").statusCode()).isEqualTo(413);
  }

  private HttpResponse<String> post(String body) {
    return send(request("/echo").POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  @Test
  void closingWaitsForRequestsThatRun() throws InterruptedException {
    CompletableFuture<HttpResponse<String>> running =
        client.sendAsync(request("/slow").build(), BodyHandlers.ofString());
    assertThat(entered.await(90, TimeUnit.SECONDS)).isTrue();
    Thread closing = Thread.ofVirtual().start(server::close);
    assertThat(closing.join(Duration.ofMillis(200))).isFalse();
    leave.countDown();
    assertThat(running.join().body()).isEqualTo("virtual: true");
    closing.join();
  }

  @Test
  void aTakenPortIsRefusedInOneLine() {
    assertThatThrownBy(() -> WebServer.start(server.address(), List.of()))
        .isInstanceOfSatisfying(
            OperationException.class, refusal -> assertThat(refusal.kind()).isEqualTo(Kind.REFUSED))
        .hasMessageMatching("cannot listen at 127.0.0.1:\\d+: .*in use");
    assertThatThrownBy(() -> WebServer.start(new ListenAddress("192.0.2.1", 0), List.of()))
        .isInstanceOf(OperationException.class)
        .hasMessageStartingWith("cannot listen at 192.0.2.1:0: ");
  }

  @Test
  void addresses() {
    assertThat(ListenAddress.parse("127.0.0.1:9292")).isEqualTo(ListenAddress.DEFAULT);
    assertThat(ListenAddress.parse("[::1]:0")).hasToString("[::1]:0");
    assertThat(ListenAddress.parse("localhost:80").host()).isEqualTo("localhost");
    for (String bad : List.of("", ":1", "a", "a:", "a:-1", "a:65536", "a:b", "::1:80", "a b:1")) {
      assertThatThrownBy(() -> ListenAddress.parse(bad))
          .as(bad)
          .isInstanceOfSatisfying(
              OperationException.class,
              refusal -> assertThat(refusal.kind()).isEqualTo(Kind.USAGE));
    }
  }
}
