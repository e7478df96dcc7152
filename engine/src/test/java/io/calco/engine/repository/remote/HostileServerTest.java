package io.calco.engine.repository.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.calco.disk.LimitExceededException;
import io.calco.disk.RateLimit;
import io.calco.engine.OperationException;
import io.calco.engine.repository.remote.RemotePlace.Link;
import io.calco.store.backend.StoredObject;
import io.calco.store.backend.TransientBackendException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that answers wrongly, too much, too late or never.
@Timeout(300)
class HostileServerTest {
  private static final Map<String, String> LOGIN =
      Map.of("OS_USERNAME", "ana", "OS_PASSWORD", "hunter2", "OS_PROJECT_NAME", "lab");

  /// Patience that a test waits for.
  private static final Duration SHORT = Duration.ofSeconds(1);

  @TempDir private Path directory;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;

  /// How it answers what is asked of objects.
  private volatile Answering answering = exchange -> answer(exchange, 200, "{}");

  private volatile String token = "token";

  private interface Answering {
    void answer(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String path = exchange.getRequestURI().getPath();
            asked.add(exchange.getRequestMethod() + " " + path);
            if (path.endsWith("/auth/tokens") && token.isEmpty()) {
              answer(exchange, 404, "{}");
            } else if (path.endsWith("/auth/tokens")) {
              exchange.getResponseHeaders().add("X-Subject-Token", token);
              answer(exchange, 201, "{}");
            } else if (path.endsWith("/r")) {
              answer(exchange, 200, "{}");
            } else {
              answering.answer(exchange);
            }
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    ended.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private RemotePlace place(int port) {
    return new RemotePlace("127.0.0.1", port, "r", Link.PLAIN, Optional.empty(), Optional.empty());
  }

  private RemoteRepository open() throws IOException {
    return open(Duration.ofSeconds(30));
  }

  private RemoteRepository open(Duration patience) throws IOException {
    return RemoteRepository.open(
        place(server.getAddress().getPort()),
        RateLimit.of(OptionalLong.empty()),
        LOGIN,
        patience,
        "GET");
  }

  /// One that soon gives up; on a busy machine it may have to log in more than once.
  private RemoteRepository impatient() throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        return open(SHORT);
      } catch (TransientBackendException busy) {
        assertThat(tries).as(busy.getMessage()).isLessThan(60);
      }
    }
  }

  @Test
  void anObjectLongerThanWasMeant() throws IOException {
    answering =
        exchange -> {
          exchange.sendResponseHeaders(200, 1L << 50);
          exchange.getResponseBody().write(new byte[100]);
          exchange.getResponseBody().flush();
          rest(Duration.ofSeconds(50));
        };
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.get("a", 1000)).isInstanceOf(LimitExceededException.class);
    }
  }

  @Test
  void oneThatNeverAnswers() throws IOException {
    answering = exchange -> rest(Duration.ofSeconds(50));
    try (RemoteRepository remote = impatient()) {
      assertThatThrownBy(() -> remote.size("a"))
          .isInstanceOf(TransientBackendException.class)
          .hasMessage(remote.place() + "/a: the server has not answered for 1 s");
    }
  }

  /// Each byte in time, and all of them never.
  @Test
  void oneThatAnswersForEver() throws IOException {
    answering =
        exchange -> {
          exchange.sendResponseHeaders(200, 1 << 20);
          for (int i = 0; i < 1000; i++) {
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            rest(Duration.ofMillis(50));
          }
        };
    try (RemoteRepository remote = impatient()) {
      assertThatThrownBy(() -> remote.list("")).isInstanceOf(TransientBackendException.class);
    }
  }

  private void rest(Duration time) throws IOException {
    try {
      if (ended.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("the test has ended");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void oneThatTakesNoContent() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() ->
              RemoteRepository.open(
                  place(silent.getLocalPort()),
                  RateLimit.of(OptionalLong.empty()),
                  LOGIN,
                  SHORT,
                  "GET"))
          .isInstanceOf(TransientBackendException.class);
    }
    answering = exchange -> rest(Duration.ofSeconds(50));
    try (RemoteRepository remote = impatient()) {
      byte[] content = new byte[32 << 10];
      assertThatThrownBy(() -> remote.put("a", List.of(MemorySegment.ofArray(content))))
          .isInstanceOf(TransientBackendException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "no JSON", "\u001b[31m", "[[[[[["})
  void aListingThatIsNone(String body) throws IOException {
    answering = exchange -> answer(exchange, 200, body);
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.list(""))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("the server answers wrongly");
    }
  }

  @Test
  void aListingWithoutEnd() throws IOException {
    answering =
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // in chunks
          byte[] more =
              "{\"name\": \"packs/a\", \"size\": 1},".repeat(1000).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseBody().write("{\"objects\": [".getBytes(StandardCharsets.UTF_8));
          for (int i = 0; i < 10_000; i++) {
            exchange.getResponseBody().write(more);
          }
        };
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.list("")).hasMessageContaining("more than any answer has");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"objects\":[],\"next\":\"a\"}", "{\"objects\":[{}],\"next\":\"../a\"}"})
  void aListingThatDoesNotGoOn(String page) throws IOException {
    answering = exchange -> answer(exchange, 200, page);
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.list("")).hasMessageContaining("does not go on");
    }
  }

  @Test
  void aListingInACircle() throws IOException {
    answering = exchange -> answer(exchange, 200, "{\"objects\":[{}],\"next\":\"a\"}");
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.list("")).hasMessageContaining("does not go on");
    }
  }

  @Test
  void namesThatLeadElsewhere() throws IOException {
    answering =
        exchange ->
            answer(
                exchange,
                200,
                "{\"objects\":[{\"name\":\"../x\",\"size\":1},{\"name\":\"packs/a\",\"size\":-1},"
                    + "{\"name\":\"roots/a\",\"size\":1},{\"name\":\"packs/b\",\"size\":3},"
                    + "{\"name\":7,\"size\":\"x\"},4]}");
    try (RemoteRepository remote = open()) {
      assertThat(remote.list("packs/")).containsExactly(new StoredObject("packs/b", 3));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "200, , 10",
    "206, bytes 0-9/20, 10",
    "206, , 10",
    "206, bytes 5-24/30, 20",
    "200, , 3"
  })
  void anotherRangeThanWasAskedFor(int status, String range, int length) throws IOException {
    answering =
        exchange -> {
          if (range != null) {
            exchange.getResponseHeaders().add("Content-Range", range);
          }
          answer(exchange, status, "x".repeat(length));
        };
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.get("a", 5, MemorySegment.ofArray(new byte[10])))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("not with the range that was asked for");
    }
  }

  @Test
  void aRangeThatEndsEarly() throws IOException {
    answering =
        exchange -> {
          exchange.getResponseHeaders().add("Content-Range", "bytes 5-8/9");
          answer(exchange, 206, "xxxx");
        };
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.get("a", 5, MemorySegment.ofArray(new byte[10])))
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void anAnswerThatIsCutOff() throws IOException {
    answering =
        exchange -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          throw new IOException("cut");
        };
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.get("a", 1000))
          .isInstanceOf(TransientBackendException.class)
          .message()
          .doesNotContain("\n");
    }
  }

  /// Neither requests nor what is said at the login go where a server sends them.
  @Test
  void aRedirectionIsNotFollowed() throws IOException {
    answering =
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          answer(exchange, 307, "");
        };
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.get("a", 10)).hasMessageContaining("(status 307)");
    }
    assertThat(asked).noneMatch(request -> request.contains("elsewhere"));
  }

  @Test
  void aTokenThatIsNeverTaken() throws IOException {
    answering =
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("WWW-Authenticate", "Keystone uri=\"http://x.invalid\"");
          answer(exchange, 401, "");
        };
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.get("a", 10)).isInstanceOf(AccessDeniedException.class);
    }
    assertThat(asked).filteredOn(request -> request.endsWith("/auth/tokens")).hasSize(2);
  }

  @Test
  void aTokenThatIsNone() {
    token = "a b";
    assertThatThrownBy(this::open).hasMessageContaining("a login without a token");
  }

  /// A server whose users are those of a Keystone elsewhere.
  @Test
  void aServerWhereNobodyLogsIn() {
    token = "";
    assertThatThrownBy(this::open)
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageEndingWith(
            ":%d/identity/v3; OS_AUTH_URL names the identity that the server asks"
                .formatted(server.getAddress().getPort()));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void whatMayBeOverInAMoment(int status) throws IOException {
    answering = exchange -> answer(exchange, status, "");
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.delete("a"))
          .isInstanceOf(TransientBackendException.class)
          .hasMessageEndingWith("(status %d)".formatted(status));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 405, 409, 413, 507})
  void whatIsTheSameAgain(int status) throws IOException {
    answering =
        exchange ->
            answer(
                exchange,
                status,
                "{\"error\": {\"message\": \"\\u001b[31mno\\nand no%s\"}}"
                    .formatted(" ever".repeat(1000)));
    try (RemoteRepository remote = open()) {
      assertThatThrownBy(() -> remote.delete("a"))
          .isInstanceOf(FileSystemException.class)
          .isNotInstanceOf(TransientBackendException.class)
          .hasMessageContaining("the server refuses it: [31mno and no ever")
          .message()
          .doesNotContain("\n", "\u001b")
          .hasSizeLessThan(400);
    }
  }

  @Test
  void nobodyIsThere() {
    int port = server.getAddress().getPort();
    server.stop(0);
    assertThatThrownBy(() -> open())
        .isInstanceOf(TransientBackendException.class)
        .hasMessageStartingWith("calco://127.0.0.1:%d/r: the connection failed: ".formatted(port));
  }

  @Test
  void whoLogsInStandsInAFile() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("rc"),
            """
            # a comment
            export OS_APPLICATION_CREDENTIAL_ID=1f
            export OS_APPLICATION_CREDENTIAL_SECRET="a 'b' \\"c"
            PATH=/x
            """);
    RemoteLogin login = RemoteLogin.of(with(Optional.of(file), Link.TLS), Map.of());
    assertThat(login.auth().toString()).contains("secret=a 'b' \\\"c", "id=1f");
    assertThat(login).hasToString("RemoteLogin[application credential 1f]");
    assertThat(login.identity()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', does not say who logs in",
    "OS_USERNAME=a, OS_PASSWORD is missing",
    "'OS_USERNAME=a\nOS_PASSWORD=hunter2', OS_PROJECT_NAME is missing",
    "OS_APPLICATION_CREDENTIAL_ID=x, OS_APPLICATION_CREDENTIAL_SECRET is missing",
    "'OS_APPLICATION_CREDENTIAL_ID=x\n"
        + "OS_APPLICATION_CREDENTIAL_SECRET=hunter2\n"
        + "OS_AUTH_URL=http://x/v3', OS_AUTH_URL is no address that begins with https://",
  })
  void whatIsMissingIsTold(String text, String words) throws IOException {
    Path file = Files.writeString(directory.resolve("rc"), text);
    assertThatThrownBy(() -> RemoteLogin.of(with(Optional.of(file), Link.TLS), LOGIN))
        .isInstanceOf(OperationException.class)
        .hasMessageContaining(file + ": ")
        .hasMessageContaining(words)
        .message()
        .doesNotContain("hunter2");
    Path none = directory.resolve("none");
    assertThatThrownBy(() -> RemoteLogin.of(with(Optional.of(none), Link.TLS), LOGIN))
        .isInstanceOf(NoSuchFileException.class);
  }

  private static RemotePlace with(Optional<Path> credentials, Link link) {
    return new RemotePlace("h", 9292, "r", link, Optional.empty(), credentials);
  }
}
