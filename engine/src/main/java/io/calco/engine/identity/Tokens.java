package io.calco.engine.identity;

import io.calco.catalog.Accounts;
import io.calco.catalog.ApplicationCredential;
import io.calco.catalog.CatalogException;
import io.calco.catalog.Project;
import io.calco.catalog.TokenRecord;
import io.calco.catalog.User;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.Deed;
import io.calco.engine.identity.Login.Named;
import io.calco.engine.identity.Login.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// Gives tokens, and tells what they mean.
///
/// A token is 32 random bytes in base64url; the database has its SHA-256. What it means is read
/// when it is first used and kept in memory, until anything changes that may matter to it: at once
/// for changes by this process, within a second for those by others, such as a command.
///
/// Thread rule: safe for several threads.
public final class Tokens implements Callers {
  private static final int LENGTH = 32;
  private static final int TEXT_LENGTH = 43;
  private static final int PASSWORD_MAX = 4096;

  /// Ours: the tokens of a day's work at the command line, each command taking a new one.
  private static final int USER_KEEPS = 2000;

  private static final int KEPT_IN_MEMORY = 10_000;
  private static final Duration LIFETIME = Duration.ofHours(12);

  private final Accounts accounts;
  private final Passwords passwords;
  private final InstantSource clock;
  private final LoginLimit limit;
  private final SecureRandom random = new SecureRandom();
  private final TokenCache<Meaning> meanings = new TokenCache<>(KEPT_IN_MEMORY);
  private final long lookNanos;
  private final AtomicLong looked;
  private final AccountLog log;

  /// @param look how often to look for changes by other processes
  Tokens(
      Accounts accounts, Passwords passwords, InstantSource clock, Duration look, AccountLog log) {
    this.log = log;
    this.accounts = accounts;
    this.passwords = passwords;
    this.clock = clock;
    this.lookNanos = look.toNanos();
    this.looked = new AtomicLong(System.nanoTime() - lookNanos);
    this.limit = new LoginLimit(clock);
  }

  /// The caller is made once, for every request asks for it.
  private record Meaning(TokenFacts facts, Caller caller) {}

  /// Who stands behind a login, and when the token ends at the latest.
  private record Proven(
      User user,
      Optional<ApplicationCredential> credential,
      List<String> methods,
      Scope scope,
      Instant until) {}

  /// Gives a token to whoever can prove who they are.
  ///
  /// @param address where the login comes from, to limit wrong ones
  public LoginResult login(Login login, String address) throws IOException {
    LoginResult result = judge(login, address);
    switch (result) {
      case LoginResult.Granted(String _, TokenFacts facts) ->
          log.audit()
              .done(
                  new Deed(
                      facts.caller().from(address).actor(),
                      Action.LOGIN,
                      AccountLog.target(facts.user()),
                      String.join(", ", facts.methods())));
      case LoginResult.Refused _ -> log.audit().refused(refusal(login, address));
      case LoginResult.TooMany _ -> {
        // Those before were recorded; these cost nothing, and may be many.
      }
    }
    return result;
  }

  /// Names nobody who is not there: people type passwords into the wrong field.
  private Deed refusal(Login login, String address) throws IOException {
    Optional<User> claimed =
        switch (login) {
          case Login.ByPassword byPassword -> find(byPassword.user());
          case Login.ByToken _ -> Optional.empty();
          case Login.ByCredential byCredential -> owner(byCredential);
        };
    return new Deed(
        Actor.unknown(address),
        Action.LOGIN,
        AccountLog.target(claimed),
        claimed.isPresent() ? "" : "unknown");
  }

  private Optional<User> owner(Login.ByCredential login) throws IOException {
    Optional<ApplicationCredential> credential = find(login);
    return credential.isPresent() ? accounts.findUser(credential.get().userId()) : Optional.empty();
  }

  private LoginResult judge(Login login, String address) throws IOException {
    return switch (login) {
      case Login.ByToken byToken -> byToken(byToken);
      case Login.ByPassword byPassword -> {
        Optional<User> user = find(byPassword.user());
        yield guarded(
            claim(user, byPassword.user()),
            address,
            byPassword.password(),
            user.isPresent() ? accounts.passwordHash(user.get().id()) : Optional.empty(),
            () -> user.map(who -> proven(who, byPassword.scope())));
      }
      case Login.ByCredential byCredential -> {
        Optional<ApplicationCredential> credential = find(byCredential);
        yield guarded(
            credential.map(ApplicationCredential::id).orElse(byCredential.toString()),
            address,
            byCredential.secret(),
            credential.isPresent() ? accounts.secretHash(credential.get().id()) : Optional.empty(),
            () -> credential.isPresent() ? proven(credential.get()) : Optional.empty());
      }
    };
  }

  /// A user is limited by the same name, however they were meant.
  private static String claim(Optional<User> user, Named named) {
    return user.map(User::id).orElse(named.toString());
  }

  @FunctionalInterface
  private interface Proof {
    Optional<Proven> get() throws IOException;
  }

  private LoginResult guarded(
      String who, String address, String secret, Optional<String> hash, Proof proof)
      throws IOException {
    Optional<Duration> wait = limit.take(who, address);
    if (wait.isPresent()) {
      return new LoginResult.TooMany(wait.get());
    }
    if (!matches(hash, secret)) {
      return new LoginResult.Refused();
    }
    limit.giveBack(who, address);
    Optional<Proven> proven = proof.get();
    return proven.isPresent() ? grant(proven.get()) : new LoginResult.Refused();
  }

  private boolean matches(Optional<String> hash, String secret) {
    if (secret.length() > PASSWORD_MAX) {
      return false;
    }
    if (hash.isEmpty()) {
      passwords.waste(secret);
      return false;
    }
    return passwords.matches(hash.get(), secret);
  }

  private Proven proven(User user, Scope scope) {
    return new Proven(user, Optional.empty(), List.of("password"), scope, now().plus(LIFETIME));
  }

  private Optional<Proven> proven(ApplicationCredential credential) throws IOException {
    Instant end = now().plus(LIFETIME);
    Instant until = credential.expiresAt().filter(end::isAfter).orElse(end);
    return accounts
        .findUser(credential.userId())
        .map(user ->
            new Proven(
                user,
                Optional.of(credential),
                List.of("application_credential"),
                new Scope.In(new Named.Id(credential.projectId())),
                until));
  }

  private LoginResult byToken(Login.ByToken login) throws IOException {
    Optional<TokenFacts> old = facts(login.token());
    // Else a program that was given one project could go to all of its user's.
    if (old.isEmpty() || old.get().credential().isPresent()) {
      return new LoginResult.Refused();
    }
    List<String> methods = new ArrayList<>(old.get().methods());
    if (!methods.contains("token")) {
      methods.add("token");
    }
    return grant(
        new Proven(
            old.get().user(), Optional.empty(), methods, login.scope(), old.get().expiresAt()));
  }

  private LoginResult grant(Proven proven) throws IOException {
    Optional<Target> target = target(proven);
    if (target.isEmpty()) {
      return new LoginResult.Refused();
    }
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    TokenRecord added =
        new TokenRecord(
            hash(token),
            proven.user().id(),
            target.get().projectId(),
            proven.credential().map(ApplicationCredential::id),
            proven.methods(),
            now(),
            proven.until().truncatedTo(ChronoUnit.SECONDS));
    Optional<TokenFacts> facts = accounts.reading(() -> meaning(added));
    if (facts.isEmpty()) {
      return new LoginResult.Refused();
    }
    accounts.addToken(added, USER_KEEPS);
    return new LoginResult.Granted(token, facts.get());
  }

  /// Within which project a token is to be, if any.
  private record Target(Optional<String> projectId) {
    static Target in(String id) {
      return new Target(Optional.of(id));
    }
  }

  /// Empty when there is no such project.
  private Optional<Target> target(Proven proven) throws IOException {
    return switch (proven.scope()) {
      case Scope.None none -> Optional.of(new Target(Optional.empty()));
      case Scope.In(Named.Id(String id)) -> Optional.of(Target.in(id));
      case Scope.In(Named.Name(String name)) ->
          accounts.findProjectByName(name).map(project -> Target.in(project.id()));
      case Scope.Unstated unstated -> Optional.of(usual(proven.user()));
    };
  }

  /// A default project that the user may not work in any more is as none.
  private Target usual(User user) throws IOException {
    Optional<String> project = user.defaultProjectId();
    boolean usable =
        project.isPresent()
            && accounts.findProject(project.get()).filter(Project::enabled).isPresent()
            && !accounts.roles(user.id(), project.get()).isEmpty();
    return new Target(usable ? project : Optional.empty());
  }

  private Optional<User> find(Named user) throws IOException {
    return switch (user) {
      case Named.Id(String id) -> accounts.findUser(id);
      case Named.Name(String name) -> accounts.findUserByName(name);
    };
  }

  private Optional<ApplicationCredential> find(Login.ByCredential login) throws IOException {
    if (login.credential() instanceof Named.Id(String id)) {
      return accounts.findCredential(id);
    }
    Optional<User> user = login.user().isPresent() ? find(login.user().get()) : Optional.empty();
    if (user.isEmpty() || !(login.credential() instanceof Named.Name(String name))) {
      return Optional.empty();
    }
    return accounts.credentialsOf(user.get().id()).stream()
        .filter(credential -> credential.name().equals(name))
        .findFirst();
  }

  @Override
  public Optional<Caller> find(String token) throws IOException {
    return understand(token).map(Meaning::caller);
  }

  /// What a token means; empty when it is not valid.
  public Optional<TokenFacts> facts(String token) throws IOException {
    return understand(token).map(Meaning::facts);
  }

  private Optional<Meaning> understand(String token) throws IOException {
    if (token.length() != TEXT_LENGTH) {
      return Optional.empty();
    }
    lookForChanges();
    String hash = hash(token);
    Optional<Meaning> kept = meanings.find(hash, accounts.knownRevision(), clock.instant());
    return kept.isPresent() ? kept : read(hash);
  }

  private Optional<Meaning> read(String hash) throws IOException {
    return accounts.reading(() -> {
      long revision = accounts.revision();
      Optional<TokenRecord> found = accounts.findToken(hash);
      Optional<Meaning> meaning =
          (found.isPresent() ? meaning(found.get()) : Optional.<TokenFacts>empty())
              .map(facts -> new Meaning(facts, facts.caller()));
      meaning.ifPresent(known -> meanings.keep(hash, known, until(known.facts()), revision));
      return meaning;
    });
  }

  private static Instant until(TokenFacts facts) {
    Instant token = facts.expiresAt();
    return facts
        .credential()
        .flatMap(ApplicationCredential::expiresAt)
        .filter(token::isAfter)
        .orElse(token);
  }

  /// Other processes change the database too: one request a second looks.
  private void lookForChanges() throws IOException {
    long last = looked.get();
    long now = System.nanoTime();
    if (now - last >= lookNanos && looked.compareAndSet(last, now)) {
      accounts.revision();
    }
  }

  private Optional<TokenFacts> meaning(TokenRecord token) throws IOException {
    if (!clock.instant().isBefore(token.expiresAt())) {
      return Optional.empty();
    }
    Optional<User> user = accounts.findUser(token.userId()).filter(User::enabled);
    Optional<Project> project =
        token.projectId().isPresent()
            ? accounts.findProject(token.projectId().get()).filter(Project::enabled)
            : Optional.empty();
    Optional<ApplicationCredential> credential =
        token.credentialId().isPresent()
            ? accounts.findCredential(token.credentialId().get()).filter(this::lasts)
            : Optional.empty();
    if (user.isEmpty()
        || project.isPresent() != token.projectId().isPresent()
        || credential.isPresent() != token.credentialId().isPresent()) {
      return Optional.empty();
    }
    Set<String> roles =
        project.isPresent() ? roles(user.get(), project.get(), credential) : Set.of();
    if (project.isPresent() && roles.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new TokenFacts(
            user.get(),
            project,
            roles,
            credential,
            token.methods(),
            auditId(token.hash()),
            token.issuedAt(),
            token.expiresAt()));
  }

  private boolean lasts(ApplicationCredential credential) {
    return credential.expiresAt().map(clock.instant()::isBefore).orElse(true);
  }

  private Set<String> roles(User user, Project project, Optional<ApplicationCredential> credential)
      throws IOException {
    Set<String> given = Role.withImplied(accounts.roles(user.id(), project.id()));
    credential.ifPresent(within -> given.retainAll(Role.withImplied(within.roles())));
    return given;
  }

  /// Makes a token invalid.
  ///
  /// @return whether it was valid
  public boolean revoke(String token) throws IOException {
    Optional<TokenFacts> facts = facts(token);
    if (facts.isEmpty()) {
      return false;
    }
    try {
      accounts.deleteToken(hash(token));
      log.audit()
          .done(
              new Deed(
                  facts.get().caller().actor(),
                  Action.LOGOUT,
                  AccountLog.target(facts.get().user())));
      return true;
    } catch (CatalogException.Gone meanwhile) {
      return false;
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  private static String hash(String token) {
    return HexFormat.of().formatHex(sha256(token));
  }

  private static String auditId(String hash) {
    byte[] id = Arrays.copyOf(sha256("audit " + hash), 16);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
