package io.calco.engine.identity;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An external Keystone, which is asked about each token: `GET /auth/tokens` with the token of a
/// service user (Identity API v3). What it says of a valid one holds for a minute, so a token that
/// it revokes may be used for that long; what it says of one that is not valid, for five seconds.
/// Roles in a domain or in the whole system count as none: Glance's policy asks for a project.
///
/// Beside the token of another service (`X-Service-Token`) it is as with OpenStack's
/// keystonemiddleware: that token must be valid, and if its user has the role `service`, the
/// request's own may have expired, for as long as Keystone allows.
///
/// Thread rule: safe for several threads.
public final class Keystone implements Callers {
  private static final Duration VALID_FOR = Duration.ofSeconds(60);
  private static final Duration INVALID_FOR = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /// The service's token is renewed before it ends.
  private static final Duration MARGIN = Duration.ofMinutes(2);

  private static final int KEPT_IN_MEMORY = 10_000;

  /// Ours: its answers have a few KiB, with a large cloud's catalogue 100.
  private static final int ANSWER_MAX_BYTES = 4 << 20;

  /// What may be in a header: Fernet's and JWS's letters, and room for others'.
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{1,8192}");

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final KeystoneSettings settings;
  private final InstantSource clock;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final TokenCache<Optional<Caller>> callers = new TokenCache<>(KEPT_IN_MEMORY);
  private final ReentrantLock renewing = new ReentrantLock();
  private volatile Service service = new Service("", Instant.MIN);

  /// The Keystone of these settings; it is not asked yet.
  public Keystone(KeystoneSettings settings) {
    this(settings, InstantSource.system());
  }

  Keystone(KeystoneSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /// The service user's own token.
  private record Service(String token, Instant until) {}

  @Override
  public Optional<Caller> find(String token) throws IOException {
    return find(token, Age.VALID);
  }

  @Override
  public Optional<Caller> find(String token, String serviceToken) throws IOException {
    Optional<Caller> service = find(serviceToken, Age.VALID);
    if (service.isEmpty()) {
      return Optional.empty();
    }
    return find(token, service.get().has(Caller.SERVICE) ? Age.EXPIRED_TOO : Age.VALID);
  }

  /// Which tokens count.
  private enum Age {
    /// Those that have not expired.
    VALID(""),
    /// Those too that have, not long ago.
    EXPIRED_TOO("&allow_expired=1");

    private final String query;

    Age(String query) {
      this.query = query;
    }
  }

  private Optional<Caller> find(String token, Age age) throws IOException {
    if (!TOKEN.matcher(token).matches()) {
      return Optional.empty();
    }
    String key = sha256(token) + age.query;
    Optional<Optional<Caller>> kept = callers.find(key, 0, clock.instant());
    return kept.isPresent() ? kept.get() : ask(token, age, key);
  }

  private Optional<Caller> ask(String token, Age age, String key) throws IOException {
    Service used = service();
    HttpResponse<InputStream> answer = validate(token, age, used);
    if (answer.statusCode() == 401) { // ours was revoked before its time
      answer.body().close();
      forget(used);
      answer = validate(token, age, service());
    }
    try (InputStream body = answer.body()) {
      return switch (answer.statusCode()) {
        case 200 -> valid(json(body).path("token"), age, key);
        case 404 -> {
          callers.keep(key, Optional.empty(), clock.instant().plus(INVALID_FOR), 0);
          yield Optional.empty();
        }
        default -> throw failed("validating a token", answer.statusCode());
      };
    }
  }

  private Optional<Caller> valid(JsonNode token, Age age, String key) {
    Instant now = clock.instant();
    Instant end = moment(token.path("expires_at"));
    if (age == Age.VALID && !end.isAfter(now)) {
      return Optional.empty();
    }
    Optional<Caller> caller = Optional.of(caller(token));
    Instant until = now.plus(VALID_FOR);
    callers.keep(key, caller, age == Age.VALID && end.isBefore(until) ? end : until, 0);
    return caller;
  }

  private HttpResponse<InputStream> validate(String token, Age age, Service by) throws IOException {
    return send(
        HttpRequest.newBuilder(
                URI.create(settings.address() + "/auth/tokens?nocatalog" + age.query))
            .header("X-Auth-Token", by.token())
            .header("X-Subject-Token", token));
  }

  private void forget(Service used) {
    renewing.lock();
    try {
      if (service.equals(used)) {
        service = new Service("", Instant.MIN);
      }
    } finally {
      renewing.unlock();
    }
  }

  private Service service() throws IOException {
    Service current = service;
    if (clock.instant().isBefore(current.until())) {
      return current;
    }
    renewing.lock();
    try {
      if (!clock.instant().isBefore(service.until())) {
        service = login();
      }
      return service;
    } finally {
      renewing.unlock();
    }
  }

  /// Whom it asks, and how.
  KeystoneSettings settings() {
    return settings;
  }

  /// A token that its Keystone no longer takes.
  void forget(String token) {
    for (Age age : Age.values()) {
      callers.keep(
          sha256(token) + age.query, Optional.empty(), clock.instant().plus(INVALID_FOR), 0);
    }
  }

  private Service login() throws IOException {
    Map<String, Object> domain = Map.of("name", settings.domain());
    Map<String, Object> user =
        Map.of("name", settings.user(), "domain", domain, "password", settings.password());
    Map<String, Object> auth =
        Map.of(
            "identity",
            Map.of("methods", Set.of("password"), "password", Map.of("user", user)),
            "scope",
            Map.of("project", Map.of("name", settings.project(), "domain", domain)));
    HttpResponse<InputStream> answer = askForToken(auth);
    try (InputStream body = answer.body()) {
      Optional<String> token = answer.headers().firstValue("X-Subject-Token");
      if (answer.statusCode() != 201 || token.isEmpty()) {
        throw failed("logging in as " + settings.user(), answer.statusCode());
      }
      Instant end = moment(json(body).path("token").path("expires_at"));
      return new Service(token.get(), end.minus(MARGIN));
    }
  }

  /// Asks for a token.
  ///
  /// @param auth identity and scope, as the API has them
  HttpResponse<InputStream> askForToken(Map<String, Object> auth) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(settings.address() + "/auth/tokens"))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    MAPPER.writeValueAsBytes(Map.of("auth", auth)))));
  }

  HttpResponse<InputStream> send(HttpRequest.Builder request) throws IOException {
    try {
      return client.send(request.timeout(TIMEOUT).build(), BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } catch (IOException e) {
      throw new OperationException(
          Kind.SYSTEM, "Keystone at %s does not answer: %s".formatted(settings.address(), e));
    }
  }

  OperationException failed(String what, int status) {
    return new OperationException(
        Kind.SYSTEM, "Keystone at %s answers %d to %s".formatted(settings.address(), status, what));
  }

  JsonNode json(InputStream body) throws IOException {
    byte[] bytes = body.readNBytes(ANSWER_MAX_BYTES + 1);
    if (bytes.length > ANSWER_MAX_BYTES) {
      throw odd();
    }
    try {
      return MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw odd();
    }
  }

  private OperationException odd() {
    return new OperationException(
        Kind.SYSTEM, "%s does not answer as a Keystone does".formatted(settings.address()));
  }

  private Instant moment(JsonNode text) {
    try {
      return OffsetDateTime.parse(text.asString("")).toInstant();
    } catch (DateTimeParseException e) {
      throw odd();
    }
  }

  private Caller caller(JsonNode token) {
    Set<String> roles = new HashSet<>();
    token.path("roles").forEach(role -> roles.add(required(role, "name")));
    JsonNode user = token.path("user");
    JsonNode project = token.path("project");
    if (!project.isObject()) {
      roles.clear(); // those in a domain or in the system are none in a project
    }
    return new Caller(
        required(user, "id"),
        required(user, "name"),
        project.isObject()
            ? Optional.of(new Caller.Scope(required(project, "id"), required(project, "name")))
            : Optional.empty(),
        Role.withImplied(roles));
  }

  String required(JsonNode object, String field) {
    JsonNode value = object.path(field);
    if (!value.isString()) {
      throw odd();
    }
    return value.stringValue();
  }

  private static String sha256(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
