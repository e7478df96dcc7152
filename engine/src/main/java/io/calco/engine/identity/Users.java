package io.calco.engine.identity;

import io.calco.catalog.Accounts;
import io.calco.catalog.User;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Target;
import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Work on users.
///
/// Thread rule: safe for several threads.
public final class Users {
  private final Accounts accounts;
  private final Passwords passwords;
  private final InstantSource clock;
  private final AccountLog log;

  Users(Accounts accounts, Passwords passwords, InstantSource clock, AccountLog log) {
    this.log = log;
    this.accounts = accounts;
    this.passwords = passwords;
    this.clock = clock;
  }

  /// What a user is to be.
  ///
  /// @param name unique among users
  /// @param description empty for none
  /// @param email empty for none
  /// @param enabled one that is not gets no tokens
  /// @param defaultProjectId the project of a token that is asked for without one
  public record Wanted(
      String name,
      String description,
      String email,
      boolean enabled,
      Optional<String> defaultProjectId) {

    /// Only a name.
    public static Wanted named(String name) {
      return new Wanted(name, "", "", true, Optional.empty());
    }

    /// What a user is now.
    public static Wanted as(User user) {
      return new Wanted(
          user.name(), user.description(), user.email(), user.enabled(), user.defaultProjectId());
    }
  }

  /// All by name.
  public List<User> list() throws IOException {
    return accounts.users();
  }

  /// The user of that id.
  public Optional<User> find(String id) throws IOException {
    return accounts.findUser(id);
  }

  /// The user of that name.
  ///
  /// @throws OperationException of kind NOT_FOUND
  public User getNamed(String name) throws IOException {
    return accounts
        .findUserByName(name)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND, "there is no user " + name, "see: calco user list"));
  }

  /// Adds a user, who has no role yet.
  ///
  /// @param password empty for a user who cannot log in by one
  public User create(Wanted wanted, Optional<String> password) throws IOException {
    return log.audit()
        .make(
            log.deed(Action.USER_CREATE, Target.named(wanted.name())),
            () -> add(wanted, password),
            AccountLog::target);
  }

  private User add(Wanted wanted, Optional<String> password) throws IOException {
    // Nothing matches the hash of a secret that nobody knows.
    String hash =
        passwords.hash(
            password.isPresent() ? AccountText.secret(password.get()) : Identity.newSecret());
    User user = user(Identity.newId(), wanted);
    accounts.addUser(user, hash);
    return user;
  }

  private User user(String id, Wanted wanted) throws IOException {
    requireProject(wanted.defaultProjectId());
    return new User(
        id,
        AccountText.name("user", wanted.name()),
        AccountText.text("description", wanted.description()),
        AccountText.text("address", wanted.email()),
        wanted.enabled(),
        wanted.defaultProjectId(),
        clock.instant().truncatedTo(ChronoUnit.SECONDS));
  }

  private void requireProject(Optional<String> id) throws IOException {
    if (id.isPresent() && accounts.findProject(id.get()).isEmpty()) {
      throw new OperationException(Kind.USAGE, "there is no project " + id.get());
    }
  }

  /// Changes a user.
  public User change(User user, Wanted wanted) throws IOException {
    return log.audit()
        .make(
            log.deed(Action.USER_CHANGE, AccountLog.target(user)).with(what(user, wanted)),
            () -> update(user, wanted),
            AccountLog::target);
  }

  private static String what(User user, Wanted wanted) {
    return user.enabled() == wanted.enabled() ? "" : wanted.enabled() ? "enabled" : "disabled";
  }

  private User update(User user, Wanted wanted) throws IOException {
    User made = user(user.id(), wanted);
    User changed =
        new User(
            made.id(),
            made.name(),
            made.description(),
            made.email(),
            made.enabled(),
            made.defaultProjectId(),
            user.createdAt());
    accounts.updateUser(changed);
    return changed;
  }

  /// Gives a user another password. Tokens that they have are no longer valid.
  public void setPassword(User user, String password) throws IOException {
    log.audit()
        .make(
            log.deed(Action.USER_PASSWORD, AccountLog.target(user)),
            () ->
                accounts.setPasswordHash(user.id(), passwords.hash(AccountText.secret(password))));
  }

  /// Deletes a user with all roles, credentials and tokens.
  public void delete(User user) throws IOException {
    log.audit()
        .make(
            log.deed(Action.USER_DELETE, AccountLog.target(user)),
            () -> accounts.deleteUser(user.id()));
  }
}
