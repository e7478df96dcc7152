package io.calco.engine.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is asked of a Keystone and what is made of its answers. The fake says what a real one of
/// version 22 said. A real one with the users `demo` and `glance` is asked by hand:
/// `CALCO_TEST_KEYSTONE=http://127.0.0.1:5000/v3 ./test engine -Dtest=KeystoneTest
/// -DexcludedGroups=none`.
class KeystoneTest {
  private static final String ANSWER =
      """
      {"token": {"methods": ["password"], "user": {"domain": {"id": "default", "name": "Default"},
       "id": "u1", "name": "ana", "password_expires_at": null}, "audit_ids": ["x"],
       "expires_at": "2026-11-21T11:00:00.000000Z", "issued_at": "2026-11-21T10:00:00.000000Z",
       "project": {"domain": {"id": "default", "name": "Default"}, "id": "p1", "name": "demo"},
       "is_domain": false, "roles": [{"id": "r1", "name": "member"}, {"id": "r2", "name": "auditor"}]}}
      """;

  private Instant now = Instant.parse("2026-11-21T10:00:00Z");
  private HttpServer server;
  private Keystone keystone;
  private int logins;
  private int asked;
  private String serviceToken = "service-1";
  private int status = 200;
  private String body = ANSWER;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v3/auth/tokens", this::answer);
    server.start();
    URI address = URI.create("http://127.0.0.1:%d/v3".formatted(server.getAddress().getPort()));
    keystone =
        new Keystone(
            new KeystoneSettings(address, "glance", "pw", "service", "Default"), () -> now);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] sent = exchange.getRequestBody().readAllBytes();
    byte[] answer = ANSWER.getBytes(StandardCharsets.UTF_8);
    int code;
    if (exchange.getRequestMethod().equals("POST")) {
      logins++;
      assertThat(new String(sent, StandardCharsets.UTF_8)).contains("\"glance\"", "\"service\"");
      exchange.getResponseHeaders().add("X-Subject-Token", serviceToken);
      code = 201;
    } else if (!serviceToken.equals(exchange.getRequestHeaders().getFirst("X-Auth-Token"))) {
      code = 401;
    } else {
      asked++;
      String token = exchange.getRequestHeaders().getFirst("X-Subject-Token");
      code = token.equals("good") ? status : 404;
      answer = body.getBytes(StandardCharsets.UTF_8);
    }
    exchange.sendResponseHeaders(code, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  @Test
  void tellsWhoAsksAndKeepsItForAMinute() throws IOException {
    Caller ana =
        new Caller(
            "u1",
            "ana",
            Optional.of(new Caller.Scope("p1", "demo")),
            Set.of("member", "reader", "auditor"));
    assertThat(keystone.find("good")).hasValue(ana);
    now = now.plusSeconds(59);
    assertThat(keystone.find("good")).hasValue(ana);
    assertThat(asked).isEqualTo(1);
    now = now.plusSeconds(1);
    assertThat(keystone.find("good")).hasValue(ana);
    assertThat(asked).isEqualTo(2);
    assertThat(logins).isEqualTo(1);
  }

  @Test
  void rolesOutsideOfAProjectAreNone() throws IOException {
    body =
        ANSWER.replaceAll("(?s)\"project\".*?\"roles\"", "\"system\": {\"all\": true}, \"roles\"");
    assertThat(keystone.find("good")).hasValue(new Caller("u1", "ana", Optional.empty(), Set.of()));
  }

  @Test
  void aTokenIsNotValidBeyondItsEnd() throws IOException {
    now = Instant.parse("2026-11-21T10:59:30Z");
    assertThat(keystone.find("good")).isPresent();
    now = now.plusSeconds(30);
    assertThat(keystone.find("good")).isEmpty();
  }

  @Test
  void whatIsNotValid() throws IOException {
    assertThat(keystone.find("bad")).isEmpty();
    assertThat(keystone.find("bad")).isEmpty();
    assertThat(asked).as("kept for seconds").isEqualTo(1);
    now = now.plus(Duration.ofSeconds(5));
    assertThat(keystone.find("bad")).isEmpty();
    assertThat(asked).isEqualTo(2);
    for (String odd : List.of("", "a b", "a\r\nX-Evil: 1", "ñ", "x".repeat(9000))) {
      assertThat(keystone.find(odd)).isEmpty();
    }
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void itsOwnTokenIsRenewed() throws IOException {
    assertThat(keystone.find("good")).isPresent();
    serviceToken = "service-2"; // the first was revoked
    assertThat(keystone.find("other")).isEmpty();
    assertThat(logins).isEqualTo(2);
    now = Instant.parse("2026-11-21T10:58:00Z");
    assertThat(keystone.find("other")).isEmpty();
    assertThat(logins).as("before it ends").isEqualTo(3);
  }

  @Test
  void oddAnswersAreFaultsOfTheirs() {
    status = 503;
    assertThatThrownBy(() -> keystone.find("good"))
        .isInstanceOf(OperationException.class)
        .hasMessageEndingWith("answers 503 to validating a token");
    status = 200;
    for (String odd :
        List.of(
            "",
            "null",
            "{\"token\": 1}",
            "{\"token\": {\"expires_at\": \"soon\"}}",
            ANSWER.replace("\"u1\"", "[]"),
            ANSWER.replace("\"id\": \"p1\",", ""),
            "[".repeat(100_000))) {
      body = odd;
      assertThatThrownBy(() -> keystone.find("good"))
          .as(odd)
          .isInstanceOf(OperationException.class)
          .hasMessageEndingWith("does not answer as a Keystone does");
    }
    server.stop(0);
    assertThatThrownBy(() -> keystone.find("good"))
        .isInstanceOf(OperationException.class)
        .hasMessageContaining("does not answer");
  }

  @Test
  @Tag("rig")
  void aRealOne() throws Exception {
    String real = System.getenv("CALCO_TEST_KEYSTONE");
    try (HttpClient client = HttpClient.newHttpClient()) {
      String login =
          """
          {"auth": {"identity": {"methods": ["password"], "password": {"user":
            {"name": "demo", "password": "demo", "domain": {"id": "default"}}}},
           "scope": {"project": {"name": "demo", "domain": {"id": "default"}}}}}
          """;
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(real + "/auth/tokens"));
      String token =
          client
              .send(
                  request
                      .header("Content-Type", "application/json")
                      .POST(HttpRequest.BodyPublishers.ofString(login))
                      .build(),
                  BodyHandlers.ofString())
              .headers()
              .firstValue("X-Subject-Token")
              .orElseThrow();
      KeystoneSettings settings =
          new KeystoneSettings(URI.create(real), "glance", "glance", "service", "Default");
      Keystone asks = new Keystone(settings);
      Caller caller = asks.find(token).orElseThrow();
      assertThat(caller.userName()).isEqualTo("demo");
      assertThat(caller.project().orElseThrow().name()).isEqualTo("demo");
      assertThat(caller.roles()).containsExactlyInAnyOrder("member", "reader");
      assertThat(asks.find("gAAAAAB" + "x".repeat(100))).isEmpty();
    }
  }
}
