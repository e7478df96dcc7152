package io.calco.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.disk.RateLimit;
import io.calco.engine.repository.hosted.Hosting;
import io.calco.engine.repository.remote.RemoteRepository;
import io.calco.server.http.Json;
import io.calco.store.NewStore;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.Upload;
import io.calco.store.backend.Backend;
import io.calco.store.backend.LocalDirectory;
import io.calco.store.backend.Retries;
import io.calco.store.backend.RetryingBackend;
import io.calco.testkit.Oracle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Repositories on a server: whom it lets do what, by requests as anybody may send them.
@Timeout(180)
class HostedRepositoryTest {
  private static final Retries PATIENT =
      new Retries(60, Duration.ofMillis(50), Duration.ofMillis(500));

  @TempDir private static Path directory;
  @TempDir private Path own;

  private static Hosted hosted;
  private static String member;
  private static String reader;
  private static String admin;
  private static String stranger;

  private final String name = UUID.randomUUID().toString();

  @BeforeAll
  static void serve() throws IOException {
    hosted = new Hosted(directory, Hosting.Deleting.MEMBERS);
    member = hosted.token("lab-member");
    reader = hosted.token("lab-reader");
    admin = hosted.token("lab-admin");
    stranger = hosted.token("other-member");
  }

  @AfterAll
  static void end() throws IOException {
    hosted.close();
  }

  private String path(String rest) {
    return "/repositories/" + name + rest;
  }

  private int status(String token, String method, String rest, String body) {
    return hosted.served().send(method, path(rest), token, body).statusCode();
  }

  private void make() {
    assertThat(status(member, "PUT", "", "")).isEqualTo(200);
  }

  private int put(String token, String object, String content) {
    return status(token, "PUT", "/objects/" + object, content);
  }

  private String get(String object) {
    return hosted.served().send("GET", path("/objects/" + object), member, "").body();
  }

  /// The protocol, as somebody reads it who has nothing but curl and a token.
  @Test
  void isSpokenByCurl() throws IOException {
    byte[] content = new byte[3_000_000];
    new Random(4).nextBytes(content);
    Path sent = Files.write(own.resolve("sent"), content);
    Path got = own.resolve("got");
    assertThat(curl("-X", "PUT")).contains("\"append_only\":false");
    curl("/objects/packs/00/a", "-T", sent);
    curl("/objects/packs/00/a", "-o", got);
    assertThat(got).hasSameBinaryContentAs(sent);
    curl("/objects/packs/00/a", "-r", "1000-1999", "-o", got);
    assertThat(Files.readAllBytes(got)).isEqualTo(Arrays.copyOfRange(content, 1000, 2000));
    assertThat(curl("/objects/packs/00/a", "-I")).contains("Content-Length: 3000000");
    curl("/objects/config", "-T", sent);
    assertThat(curl("/objects?limit=1"))
        .isEqualTo("{\"objects\":[{\"name\":\"config\",\"size\":3000000}],\"next\":\"config\"}");
    assertThat(curl("/objects?after=config&prefix=packs/"))
        .isEqualTo("{\"objects\":[{\"name\":\"packs/00/a\",\"size\":3000000}],\"next\":null}");
    curl("/deletions", "--json", "{\"names\": [\"config\", \"packs/00/none\"]}");
    curl("/objects/packs/00/a", "-X", "DELETE");
    assertThat(curl("/objects")).isEqualTo("{\"objects\":[],\"next\":null}");
  }

  private String curl(Object... words) {
    Stream.Builder<Object> all = Stream.builder();
    Stream.of("-sS", "--fail", "-H", "X-Auth-Token: " + member).forEach(all);
    boolean below = words[0].toString().startsWith("/");
    all.add(hosted.served().address() + path(below ? words[0].toString() : ""));
    Stream.of(words).skip(below ? 1 : 0).forEach(all);
    return Oracle.named("curl").run(all.build().toArray()).succeeds().out();
  }

  @Test
  void rolesDecide() {
    assertThat(status("", "PUT", "", "")).isEqualTo(401);
    assertThat(status(reader, "PUT", "", "")).isEqualTo(403);
    assertThat(status(member, "GET", "", "")).isEqualTo(404);
    make();
    assertThat(put(member, "config", "mine")).isEqualTo(204);
    assertThat(put(reader, "config", "yours")).isEqualTo(403);
    assertThat(status(reader, "DELETE", "/objects/config", "")).isEqualTo(403);
    assertThat(status(reader, "POST", "/deletions", "{\"names\":[\"config\"]}")).isEqualTo(403);
    for (String rest : List.of("", "/objects", "/objects/config")) {
      assertThat(status(reader, "GET", rest, "")).as(rest).isEqualTo(200);
      assertThat(status("", "GET", rest, "")).as(rest).isEqualTo(401);
    }
    assertThat(get("config")).isEqualTo("mine");
  }

  @Test
  void anotherProjectsIsNotThere() {
    make();
    put(member, "config", "mine");
    for (String method : List.of("GET", "PUT", "DELETE")) {
      assertThat(status(stranger, method, "/objects/config", "")).as(method).isEqualTo(404);
    }
    assertThat(status(stranger, "GET", "/objects", "")).isEqualTo(404);
    assertThat(status(stranger, "POST", "/deletions", "{\"names\":[\"config\"]}")).isEqualTo(404);
    assertThat(status(hosted.token("other-admin"), "GET", "/objects/config", "")).isEqualTo(404);
    assertThat(status(stranger, "PUT", "", "")).as("one of their own").isEqualTo(200);
    assertThat(put(stranger, "config", "theirs")).isEqualTo(204);
    assertThat(get("config")).isEqualTo("mine");
    assertThatThrownBy(() -> hosted.open("none", "lab-reader"))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("needs the role member");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".replaced/x",
        "a/.b",
        "A",
        "a//b",
        "..%2f..%2fx",
        "%2e%2e/%2e%2e/x",
        "a%00",
        "a%0ab",
        "..;/x",
        "a%5c..%5cb",
        "%c3%a9"
      })
  void hostileNamesAreRefused(String object) throws IOException {
    make();
    Map<Path, Long> before = files();
    for (String method : List.of("PUT", "GET", "DELETE")) {
      assertThat(status(member, method, "/objects/" + object, method.equals("PUT") ? "x" : ""))
          .as(method)
          .isBetween(400, 404);
    }
    assertThat(status(member, "GET", "/objects?prefix=" + object, "")).isIn(400, 200);
    assertThat(status(member, "GET", "/objects?after=" + object, "")).isEqualTo(400);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void hostileRepositoriesAreRefused() throws IOException {
    Map<Path, Long> before = files();
    for (String repository : List.of("..", ".x", "%2e%2e", "A", "a%2fb", "x".repeat(65), "-")) {
      HttpResponse<String> answer =
          hosted.served().send("PUT", "/repositories/" + repository, member, "");
      assertThat(answer.statusCode()).as(repository).isBetween(400, 405);
    }
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void oddRequestsAreRefused() throws IOException {
    make();
    put(member, "packs/00/a", "x");
    assertThat(put(member, "packs", "x")).isEqualTo(409);
    assertThat(put(member, "packs/00/a/b", "x")).isEqualTo(409);
    assertThat(status(member, "GET", "/objects/packs", "")).isEqualTo(404);
    assertThat(status(member, "DELETE", "/objects/packs", "")).isEqualTo(204);
    assertThat(get("packs/00/a")).isEqualTo("x");
    for (String body : List.of("", "[]", "{}", "{\"names\": 1}", "{\"names\": [\"../x\"]}")) {
      assertThat(status(member, "POST", "/deletions", body)).as(body).isEqualTo(400);
    }
    String many = "\"a\",".repeat(1001);
    assertThat(status(member, "POST", "/deletions", "{\"names\":[" + many + "\"a\"]}"))
        .isEqualTo(400);
    assertThat(status(member, "GET", "/objects?limit=x", "")).isEqualTo(400);
    HttpRequest unsized =
        HttpRequest.newBuilder(URI.create(hosted.served().address() + path("/objects/b")))
            .header("X-Auth-Token", member)
            .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[10])))
            .build();
    assertThat(hosted.served().send(unsized).statusCode()).isEqualTo(411);
    assertThat(raw("PUT", "/objects/b", "Content-Length: 99999999999999\r\n", ""))
        .startsWith("HTTP/1.1 413");
    assertThat(raw("POST", "/deletions", "Content-Length: 30\r\n", "{}"))
        .startsWith("HTTP/1.1 400");
  }

  /// The answer is read before the connection's end, though content is under way.
  @Test
  void aRefusalReachesWhoStillSends() {
    make();
    put(member, "packs/00/a", "x");
    HttpRequest.BodyPublisher content =
        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[1 << 20]));
    for (int turn = 0; turn < 50; turn++) {
      HttpRequest unsized =
          HttpRequest.newBuilder(URI.create(hosted.served().address() + path("/objects/b")))
              .header("X-Auth-Token", member)
              .PUT(content)
              .build();
      assertThat(hosted.served().send(unsized).statusCode()).isEqualTo(411);
      assertThat(put(member, "packs", "x".repeat(1 << 20))).isEqualTo(409);
    }
  }

  /// A client that goes away amid its content.
  @Test
  void aPutThatIsCutOffLeavesNothing() throws IOException {
    make();
    assertThat(raw("PUT", "/objects/packs/00/cut", "Content-Length: 1000\r\n", "abc"))
        .doesNotStartWith("HTTP/1.1 2");
    assertThat(status(member, "GET", "/objects/packs/00/cut", "")).isEqualTo(404);
    try (Stream<Path> left = Files.walk(hosted.place("lab", name))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  private String raw(String method, String rest, String headers, String body) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), hosted.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "%s %s HTTP/1.1\r\nHost: x\r\nX-Auth-Token: %s\r\n%s\r\n%s"
              .formatted(method, path(rest), member, headers, body)
              .getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static Map<Path, Long> files() throws IOException {
    Map<Path, Long> found = new LinkedHashMap<>();
    try (Stream<Path> all = Files.walk(directory.resolve("repositories"))) {
      for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
        found.put(file, Files.size(file));
      }
    }
    return found;
  }

  @Test
  void anAppendOnlyRepositoryIsNotTakenFrom() throws IOException {
    make();
    for (String object : List.of("config", "keys/k", "packs/00/a", "index/i", "append-only")) {
      assertThat(put(member, object, "first")).isEqualTo(204);
    }
    assertThat(hosted.served().send("GET", path(""), member, "").body())
        .contains("\"append_only\":true");
    for (String object : List.of("config", "keys/k", "packs/00/a", "index/i", "append-only")) {
      for (String token : List.of(member, admin)) {
        assertThat(put(token, object, "other")).as(object).isEqualTo(403);
      }
      assertThat(put(member, object, "first")).as("said twice").isEqualTo(204);
      assertThat(status(member, "DELETE", "/objects/" + object, "")).as(object).isEqualTo(403);
      assertThat(status(member, "POST", "/deletions", "{\"names\":[\"%s\"]}".formatted(object)))
          .as(object)
          .isEqualTo(403);
      assertThat(get(object)).isEqualTo("first");
    }
    assertThat(status(admin, "DELETE", "/objects/config", "")).isEqualTo(403);
    assertThat(status(member, "POST", "/deletions", "{\"names\":[\"sessions/x\",\"config\"]}"))
        .isEqualTo(403);
    assertThat(put(member, "packs/00/b", "more")).isEqualTo(204);
    assertThat(put(member, "sessions/s", "1")).isEqualTo(204);
    assertThat(put(member, "sessions/s", "2")).isEqualTo(204);
    assertThat(status(member, "DELETE", "/objects/sessions/s", "")).isEqualTo(204);

    assertThat(status(admin, "DELETE", "/objects/append-only", "")).isEqualTo(204);
    assertThat(status(member, "DELETE", "/objects/packs/00/b", "")).isEqualTo(204);
    String told = hosted.served().send("GET", path(""), member, "").body();
    assertThat(told).contains("\"append_only\":false");
  }

  /// A root says more in time: what it said before is kept where no request reaches.
  @Test
  void whatARootSaidBeforeIsKept() throws IOException {
    make();
    put(member, "append-only", "");
    put(member, "roots/r", "one");
    put(member, "roots/r", "one");
    put(member, "roots/r", "two");
    put(member, "roots/r", "ransom");
    assertThat(get("roots/r")).isEqualTo("ransom");
    assertThat(status(member, "DELETE", "/objects/roots/r", "")).isEqualTo(403);
    Path kept = hosted.place("lab", name).resolve(".replaced/roots/r");
    try (Stream<Path> versions = Files.list(kept)) {
      assertThat(versions.sorted().map(HostedRepositoryTest::text)).containsExactly("one", "two");
    }
    assertThat(hosted.served().send("GET", path("/objects"), member, "").body())
        .doesNotContain("replaced");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void membersDeleteNothingWhereAdministratorsDo() throws IOException {
    try (Hosted strict = new Hosted(own, Hosting.Deleting.ADMINS);
        RemoteRepository mine = strict.open("all", "lab-member");
        RemoteRepository theirs = strict.open("all", "lab-admin")) {
      List<MemorySegment> one = List.of(MemorySegment.ofArray(new byte[1]));
      List<MemorySegment> two = List.of(MemorySegment.ofArray(new byte[2]));
      mine.put("packs/00/a", one);
      mine.put("packs/00/a", one);
      assertThatThrownBy(() -> mine.put("packs/00/a", two))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage(
              mine.place()
                  + "/packs/00/a: the server refuses it: The repository is append-only: packs/00/a is"
                  + " not replaced but by administrators. (status 403)");
      assertThatThrownBy(() -> mine.delete("packs/00/a")).isInstanceOf(AccessDeniedException.class);
      assertThat(mine.size("append-only")).as("is told, as by a mark").isZero();
      assertThat(mine.get("append-only", 10)).isEmpty();
      assertThatThrownBy(() -> mine.delete("append-only"))
          .isInstanceOf(AccessDeniedException.class);
      assertThatThrownBy(() -> theirs.size("append-only")).isInstanceOf(NoSuchFileException.class);
      theirs.put("packs/00/a", two);
      theirs.deleteAll(List.of("packs/00/a"));
      assertThat(mine.list("")).isEmpty();
    }
  }

  /// All tokens of the user end; the client logs in again by itself.
  @Test
  void aTokenThatEndsIsGotAnew() throws IOException {
    try (RemoteRepository repository = hosted.open(name, "other-member")) {
      byte[] content = new byte[2_000_000];
      new Random(1).nextBytes(content);
      for (int round = 0; round < 3; round++) {
        endTokens("other-member");
        repository.put("packs/00/" + round, List.of(MemorySegment.ofArray(content)));
        endTokens("other-member");
        assertThat(repository.get("packs/00/" + round, 2_000_000)).isEqualTo(content);
        endTokens("other-member");
        assertThat(repository.list("packs/")).hasSize(round + 1);
      }
    } finally {
      stranger = hosted.token("other-member");
    }
  }

  private static void endTokens(String user) {
    String operator = hosted.token("lab-admin");
    String found =
        hosted.served().send("GET", "/identity/v3/users?name=" + user, operator, "").body();
    String id = Json.parse(found).path("users").path(0).path("id").asString();
    assertThat(
            hosted
                .served()
                .send(
                    "PATCH",
                    "/identity/v3/users/" + id,
                    operator,
                    "{\"user\": {\"password\": \"pw\"}}")
                .statusCode())
        .isEqualTo(200);
  }

  /// One that the user has made for this, with less than the user may; taken back by itself.
  @Test
  void anApplicationCredentialIsEnough() throws IOException {
    String token = hosted.token("lab-member");
    String user =
        Json.parse(
                hosted
                    .served()
                    .send(
                        "GET", "/identity/v3/users?name=lab-member", hosted.token("lab-admin"), "")
                    .body())
            .path("users")
            .path(0)
            .path("id")
            .asString();
    String all = "/identity/v3/users/%s/application_credentials".formatted(user);
    JsonNode made =
        Json.parse(
                hosted
                    .served()
                    .send(
                        "POST",
                        all,
                        token,
                        "{\"application_credential\": {\"name\": \"%s\"}}".formatted(name))
                    .body())
            .path("application_credential");
    Path file =
        Files.writeString(
            own.resolve("rc"),
            "export OS_APPLICATION_CREDENTIAL_ID=%s%nexport OS_APPLICATION_CREDENTIAL_SECRET=%s%n"
                .formatted(made.path("id").asString(), made.path("secret").asString()));
    RateLimit free = RateLimit.of(OptionalLong.empty());
    try (RemoteRepository mine = RemoteRepository.create(hosted.place(name, file), free)) {
      mine.put("packs/00/a", List.of(MemorySegment.ofArray(new byte[3])));
      assertThat(get("packs/00/a")).as("in the project of the user").hasSize(3);
      assertThat(
              hosted
                  .served()
                  .send("DELETE", all + "/" + made.path("id").asString(), token, "")
                  .statusCode())
          .isEqualTo(204);
      assertThatThrownBy(() -> mine.size("packs/00/a"))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("refuses the login of application credential");
    }
  }

  @Test
  void wrongCredentialsAreToldInOneLine() throws IOException {
    Path wrong =
        Files.writeString(
            own.resolve("rc"),
            "OS_USERNAME=lab-member\nOS_PASSWORD=hunter2\nOS_PROJECT_NAME=lab\n");
    assertThatThrownBy(() ->
            RemoteRepository.open(hosted.place(name, wrong), RateLimit.of(OptionalLong.empty())))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageEndingWith(": the server refuses the login of lab-member")
        .message()
        .doesNotContain("hunter2", "\n");
    assertThatThrownBy(() ->
            RemoteRepository.open(
                hosted.place(name, hosted.credentials("lab-member")),
                RateLimit.of(OptionalLong.empty())))
        .isInstanceOf(NoSuchFileException.class);
  }

  /// The server ends a few times, amid puts, and is served again at the same port.
  @Test
  void aStoreOutlivesItsServer() throws Exception {
    byte[] content = new byte[60 << 20];
    new Random(7).nextBytes(content);
    try (Hosted often = new Hosted(own, Hosting.Deleting.ADMINS)) {
      AtomicInteger restarts = new AtomicInteger();
      CompletableFuture<Void> ended = new CompletableFuture<>();
      CompletableFuture<Void> restarter;
      try (Backend remote = RetryingBackend.owning(often.open("far", "lab-member"), PATIENT)) {
        Store.create(remote, NewStore.plain());
        restarter =
            CompletableFuture.runAsync(
                () -> {
                  try {
                    do {
                      Thread.sleep(300);
                      often.restart();
                      restarts.incrementAndGet();
                    } while (!ended.isDone() && restarts.get() < 3);
                  } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                  }
                },
                Thread::startVirtualThread);
        try (Store store = Store.open(remote, StoreKey.none(), StoreOptions.defaults());
            Upload upload = store.beginUpload()) {
          var blob = upload.addBlob(new ByteArrayInputStream(content), JobContext.SILENT);
          upload.commit("all", new LinkedHashMap<>(Map.of("content", blob)), "{}");
        } finally {
          ended.complete(null);
        }
        restarter.get();
      }
      assertThat(restarts.get()).isPositive();
      // As a store of the host itself, which is what it is.
      Backend local = LocalDirectory.open(often.place("lab", "far"));
      assertThat(Store.verify(local, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
      try (Store store = Store.open(local, StoreKey.none(), StoreOptions.defaults())) {
        byte[] read = new byte[content.length];
        store
            .openBlob(store.findRoot("all").orElseThrow().parts().get("content"))
            .read(0, MemorySegment.ofArray(read));
        assertThat(read).isEqualTo(content);
      }
    }
  }
}
