package io.calco.engine.identity;

import io.calco.catalog.Accounts;
import io.calco.catalog.Catalog;
import io.calco.catalog.Project;
import io.calco.catalog.RoleAssignment;
import io.calco.catalog.User;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.AuditLog;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/// The embedded identity: who may do what, kept in the catalogue.
///
/// Thread rule: safe for several threads. Several processes may work on the same catalogue.
public final class Identity {
  /// The name of the first user and of their project.
  public static final String ADMIN = "admin";

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final int SECRET_LENGTH = 24;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Accounts accounts;
  private final Passwords passwords;
  private final InstantSource clock;
  private final AccountLog log;
  private final Users users;
  private final Projects projects;
  private final Credentials credentials;
  private final Tokens tokens;

  /// The identity in a catalogue.
  public Identity(Catalog catalog) {
    this(catalog, InstantSource.system(), LOOK, new Passwords());
  }

  Identity(Catalog catalog, InstantSource clock, Duration look, Passwords passwords) {
    this(catalog, clock, look, passwords, new AccountLog(new AuditLog(catalog), Actor.command()));
  }

  private Identity(
      Catalog catalog, InstantSource clock, Duration look, Passwords passwords, AccountLog log) {
    this(
        catalog.accounts(),
        passwords,
        clock,
        log,
        new Tokens(catalog.accounts(), passwords, clock, look, log));
  }

  private Identity(
      Accounts accounts, Passwords passwords, InstantSource clock, AccountLog log, Tokens tokens) {
    this.accounts = accounts;
    this.passwords = passwords;
    this.clock = clock;
    this.log = log;
    this.users = new Users(accounts, passwords, clock, log);
    this.projects = new Projects(accounts, clock, log);
    this.credentials = new Credentials(accounts, passwords, clock, log);
    this.tokens = tokens;
  }

  /// The same, used by somebody: what they change is recorded as theirs, and not as that of a
  /// command on this host. Costs nothing.
  public Identity as(Actor actor) {
    return new Identity(accounts, passwords, clock, log.by(actor), tokens);
  }

  /// Work on users.
  public Users users() {
    return users;
  }

  /// Work on projects and roles.
  public Projects projects() {
    return projects;
  }

  /// Work on application credentials.
  public Credentials credentials() {
    return credentials;
  }

  /// Tokens given and told.
  public Tokens tokens() {
    return tokens;
  }

  /// Makes the first administrator, [#ADMIN] in a project of that name, while nobody is one.
  ///
  /// @param password empty for one that is made
  /// @return the password; empty when there is an administrator already
  public Optional<String> makeAdministrator(Optional<String> password) throws IOException {
    for (RoleAssignment assignment : accounts.assignments()) {
      if (assignment.role().equals(Role.ADMIN.text())) {
        return Optional.empty();
      }
    }
    String secret = password.orElseGet(Identity::newSecret);
    Optional<Project> known = accounts.findProjectByName(ADMIN);
    Project project =
        known.isPresent() ? known.get() : projects.create(Projects.Wanted.named(ADMIN));
    Optional<User> there = accounts.findUserByName(ADMIN);
    User user;
    if (there.isPresent()) {
      user = there.get();
      users.setPassword(user, secret);
    } else {
      user =
          users.create(
              new Users.Wanted(ADMIN, "", "", true, Optional.of(project.id())),
              Optional.of(secret));
    }
    projects.assign(project, user, Role.ADMIN);
    return Optional.of(secret);
  }

  /// As Keystone's.
  static String newId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  /// A password that nobody guesses: 192 random bits.
  public static String newSecret() {
    byte[] bytes = new byte[SECRET_LENGTH];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
