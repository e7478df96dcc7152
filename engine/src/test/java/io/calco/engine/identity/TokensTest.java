package io.calco.engine.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.Catalog;
import io.calco.catalog.Project;
import io.calco.catalog.User;
import io.calco.engine.identity.Login.Named;
import io.calco.engine.identity.Login.Scope;
import io.calco.fs.InMemory;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
  @TempDir(factory = InMemory.class)
  private Path home;

  /// The rules are the same at any cost.
  private static final Passwords.Costs CHEAP = new Passwords.Costs(8, 1, 1);

  private Instant now = Instant.parse("2026-11-21T10:00:00Z");
  private final InstantSource clock = () -> now;
  private Catalog catalog;
  private Catalog beside;
  private Identity identity;

  /// Another process, as far as the catalogue can tell.
  private Identity other;

  private Project demo;
  private User ana;

  @BeforeEach
  void open() throws IOException {
    catalog = Catalog.open(home);
    beside = Catalog.open(home);
    identity = new Identity(catalog, clock, Duration.ZERO, new Passwords(CHEAP));
    other = new Identity(beside, clock, Duration.ZERO, new Passwords(CHEAP));
    demo = identity.projects().create(Projects.Wanted.named("demo"));
    ana = identity.users().create(Users.Wanted.named("ana"), Optional.of("pw"));
    identity.projects().assign(demo, ana, Role.MEMBER);
  }

  @AfterEach
  void close() throws IOException {
    catalog.close();
    beside.close();
  }

  private static Login byPassword(String user, String password, Scope scope) {
    return new Login.ByPassword(new Named.Name(user), password, scope);
  }

  private static Scope in(String project) {
    return new Scope.In(new Named.Name(project));
  }

  private LoginResult login(Login login) throws IOException {
    return identity.tokens().login(login, "here");
  }

  private LoginResult.Granted granted(Login login) throws IOException {
    assertThat(login(login)).isInstanceOf(LoginResult.Granted.class);
    return (LoginResult.Granted) login(login);
  }

  private String token() throws IOException {
    return granted(byPassword("ana", "pw", in("demo"))).token();
  }

  private boolean valid(String token) throws IOException {
    return identity.tokens().find(token).isPresent();
  }

  @Test
  void aTokenTellsWhoAsksAndWhere() throws IOException {
    LoginResult.Granted granted = granted(byPassword("ana", "pw", in("demo")));
    assertThat(identity.tokens().find(granted.token()))
        .hasValue(
            new Caller(
                ana.id(),
                "ana",
                Optional.of(new Caller.Scope(demo.id(), "demo")),
                Set.of("member", "reader")));
    assertThat(granted.facts().expiresAt()).isEqualTo(now.plus(Duration.ofHours(12)));
    assertThat(granted.toString()).doesNotContain(granted.token());
    try (var files = Files.list(home)) {
      for (Path file : files.toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as("no secret lies in %s", file)
            .doesNotContain(granted.token())
            .doesNotContain("\"pw\"");
      }
    }
  }

  @Test
  void scopes() throws IOException {
    assertThat(granted(byPassword("ana", "pw", Scope.NONE)).facts().project()).isEmpty();
    assertThat(granted(byPassword("ana", "pw", Scope.UNSTATED)).facts().project()).isEmpty();
    identity.users().change(ana, new Users.Wanted("ana", "", "", true, Optional.of(demo.id())));
    assertThat(granted(byPassword("ana", "pw", Scope.UNSTATED)).facts().project()).hasValue(demo);
    identity.projects().unassign(demo, ana, Role.MEMBER);
    assertThat(granted(byPassword("ana", "pw", Scope.UNSTATED)).facts().project()).isEmpty();
    assertThat(login(byPassword("ana", "pw", in("demo")))).isInstanceOf(LoginResult.Refused.class);
  }

  @Test
  void refusals() throws IOException {
    identity.projects().create(Projects.Wanted.named("closed"));
    for (Login wrong :
        List.of(
            byPassword("ana", "no", in("demo")),
            byPassword("ana", "", in("demo")),
            byPassword("ana", "x".repeat(100_000), in("demo")),
            byPassword("nobody", "pw", in("demo")),
            byPassword("ana", "pw", in("closed")),
            byPassword("ana", "pw", in("nowhere")),
            new Login.ByPassword(new Named.Id("ana"), "pw", in("demo")),
            new Login.ByToken("", in("demo")),
            new Login.ByToken("a".repeat(43), in("demo")))) {
      assertThat(login(wrong)).as(wrong.toString()).isInstanceOf(LoginResult.Refused.class);
    }
  }

  @Test
  void wrongLoginsAreLimitedAndRightOnesAreNot() throws IOException {
    for (int i = 0; i < 10; i++) {
      login(byPassword("ana", "no", Scope.NONE));
    }
    assertThat(login(byPassword("ana", "pw", Scope.NONE)))
        .isEqualTo(new LoginResult.TooMany(Duration.ofSeconds(6)));
    assertThat(login(new Login.ByPassword(new Named.Id(ana.id()), "pw", Scope.NONE)))
        .as("the same user by another name")
        .isInstanceOf(LoginResult.TooMany.class);
    now = now.plusSeconds(6);
    granted(byPassword("ana", "pw", Scope.NONE));
  }

  @Test
  void tokensEnd() throws IOException {
    String token = token();
    now = now.plus(Duration.ofHours(12)).minusSeconds(1);
    assertThat(valid(token)).isTrue();
    LoginResult.Granted second = granted(new Login.ByToken(token, Scope.NONE));
    assertThat(second.facts().methods()).containsExactly("password", "token");
    now = now.plusSeconds(1);
    assertThat(valid(token)).isFalse();
    assertThat(valid(second.token())).as("no longer than the one it came from").isFalse();
  }

  @Test
  void applicationCredentials() throws IOException {
    TokenFacts facts = granted(byPassword("ana", "pw", in("demo"))).facts();
    Instant end = now.plusSeconds(60);
    Credentials.Made made =
        identity
            .credentials()
            .create(
                facts,
                new Credentials.Wanted(
                    "ci", "", Set.of("reader"), false, Optional.of(end), Optional.empty()));
    Login login =
        new Login.ByCredential(
            new Named.Name("ci"), Optional.of(new Named.Name("ana")), made.secret());
    LoginResult.Granted granted = granted(login);
    assertThat(granted.facts().roles()).containsExactly("reader");
    assertThat(granted.facts().project()).hasValue(demo);
    assertThat(granted.facts().expiresAt()).isEqualTo(end);
    assertThat(login(new Login.ByToken(granted.token(), Scope.NONE)))
        .as("a program that was given one project does not get at the others")
        .isInstanceOf(LoginResult.Refused.class);
    identity.credentials().delete(made.credential());
    assertThat(valid(granted.token())).isFalse();
    assertThat(login(login)).isInstanceOf(LoginResult.Refused.class);
  }

  @Test
  void theFirstAdministrator() throws IOException {
    Optional<String> made = identity.makeAdministrator(Optional.empty());
    assertThat(made.orElseThrow()).hasSize(32);
    assertThat(granted(byPassword("admin", made.get(), Scope.UNSTATED)).facts().caller().isAdmin())
        .isTrue();
    assertThat(other.makeAdministrator(Optional.of("x"))).isEmpty();
  }

  @Test
  void aRevokedTokenIsNotValidOnceItIsRevoked() throws Exception {
    for (int round = 0; round < 20; round++) {
      String token = token();
      AtomicBoolean revoked = new AtomicBoolean();
      AtomicBoolean wrong = new AtomicBoolean();
      List<Thread> askers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        askers.add(
            Thread.startVirtualThread(() -> {
              for (int ask = 0; ask < 300; ask++) {
                boolean before = revoked.get();
                try {
                  if (identity.tokens().find(token).isPresent() && before) {
                    wrong.set(true);
                  }
                } catch (IOException e) {
                  wrong.set(true);
                }
              }
            }));
      }
      assertThat(identity.tokens().revoke(token)).isTrue();
      revoked.set(true);
      for (Thread asker : askers) {
        asker.join();
      }
      assertThat(wrong).isFalse();
      assertThat(identity.tokens().revoke(token)).isFalse();
    }
  }

  /// What a token must mean, whatever was changed, here or beside.
  @Test
  void tokensMeanWhatIsRecordedNow() {
    Seeds.run(4, random -> new Model(random).run(120));
  }

  /// Tokens, and what changed since they were given.
  private final class Model {
    private final Random random;
    private final List<Project> projects = new ArrayList<>();
    private final List<User> users = new ArrayList<>();
    private final Map<String, Set<String>> roles = new HashMap<>();
    private final Set<String> disabled = new HashSet<>();
    private final List<Given> tokens = new ArrayList<>();

    private record Given(String token, User user, Project project, Instant end) {}

    Model(Random random) {
      this.random = random;
    }

    private Identity either() {
      return random.nextBoolean() ? identity : other;
    }

    private <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    private String newName() {
      return "n" + random.nextLong();
    }

    void run(int steps) throws IOException {
      for (int i = 0; i < 3; i++) {
        projects.add(identity.projects().create(Projects.Wanted.named(newName())));
        users.add(identity.users().create(Users.Wanted.named(newName()), Optional.of("pw")));
      }
      for (int i = 0; i < steps; i++) {
        step();
        for (Given given : tokens) {
          Set<String> has = expected(given);
          assertThat(identity.tokens().find(given.token()).map(Caller::roles))
              .isEqualTo(has.isEmpty() ? Optional.empty() : Optional.of(has));
        }
      }
    }

    private Set<String> expected(Given given) {
      boolean ended = !now.isBefore(given.end());
      boolean off = disabled.contains(given.user().id()) || disabled.contains(given.project().id());
      return ended || off ? Set.of() : Role.withImplied(roles(given.user(), given.project()));
    }

    private Set<String> roles(User user, Project project) {
      return roles.computeIfAbsent(user.id() + project.id(), absent -> new HashSet<>());
    }

    private void step() throws IOException {
      User user = any(users);
      Project project = any(projects);
      Role role = any(List.of(Role.values()));
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> {
          either().projects().assign(project, user, role);
          roles(user, project).add(role.text());
        }
        case 3 -> {
          if (roles(user, project).remove(role.text())) {
            either().projects().unassign(project, user, role);
          }
        }
        case 4 -> {
          boolean on = random.nextBoolean();
          either()
              .users()
              .change(user, new Users.Wanted(user.name(), "", "", on, Optional.empty()));
          turn(user.id(), on);
        }
        case 5 -> {
          boolean on = random.nextBoolean();
          either().projects().change(project, new Projects.Wanted(project.name(), "", on));
          turn(project.id(), on);
        }
        case 6 -> now = now.plus(Duration.ofMinutes(random.nextInt(90)));
        case 7 -> {
          if (!tokens.isEmpty()) {
            Given given = any(tokens);
            boolean was = !expected(given).isEmpty();
            assertThat(either().tokens().revoke(given.token())).isEqualTo(was);
            if (was) {
              tokens.remove(given);
              assertThat(identity.tokens().find(given.token())).isEmpty();
            }
          }
        }
        default -> give(user, project);
      }
    }

    private void turn(String id, boolean on) {
      if (on) {
        disabled.remove(id);
      } else {
        disabled.add(id);
      }
    }

    private void give(User user, Project project) throws IOException {
      Login login =
          new Login.ByPassword(
              new Named.Id(user.id()), "pw", new Scope.In(new Named.Id(project.id())));
      Given wanted = new Given("", user, project, now.plus(Duration.ofHours(12)));
      if (either().tokens().login(login, "here") instanceof LoginResult.Granted granted) {
        assertThat(expected(wanted)).isNotEmpty();
        tokens.add(new Given(granted.token(), user, project, granted.facts().expiresAt()));
      } else {
        assertThat(expected(wanted)).isEmpty();
      }
    }
  }

  @Test
  void theCacheIsBounded() {
    TokenCache<String> cache = new TokenCache<>(3);
    for (String key : List.of("a", "b", "c")) {
      cache.keep(key, key, Instant.MAX, 0);
    }
    assertThat(cache.find("a", 0, now)).hasValue("a");
    cache.keep("d", "d", Instant.MAX, 0);
    assertThat(cache.size()).isEqualTo(3);
    assertThat(cache.find("a", 0, now)).as("used last").hasValue("a");
    assertThat(cache.find("b", 0, now)).isEmpty();
    assertThat(cache.find("a", 1, now)).as("under another revision").isEmpty();
    cache.keep("a", "a", Instant.MAX, 0);
    assertThat(cache.find("a", 1, now)).as("read under an older one").isEmpty();
    cache.keep("a", "a", now, 1);
    assertThat(cache.find("a", 1, now)).as("at its end").isEmpty();
  }
}
