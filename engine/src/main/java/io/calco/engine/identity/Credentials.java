package io.calco.engine.identity;

import io.calco.catalog.Accounts;
import io.calco.catalog.ApplicationCredential;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Target;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Work on application credentials.
///
/// Thread rule: safe for several threads.
public final class Credentials {
  private static final int USER_HAS_MAX = 100;

  private final Accounts accounts;
  private final Passwords passwords;
  private final InstantSource clock;
  private final AccountLog log;

  Credentials(Accounts accounts, Passwords passwords, InstantSource clock, AccountLog log) {
    this.log = log;
    this.accounts = accounts;
    this.passwords = passwords;
    this.clock = clock;
  }

  /// What a credential is to be.
  ///
  /// @param name unique among the user's
  /// @param description empty for none
  /// @param roles of those that the token has; empty for all of them
  /// @param unrestricted whether it may make and delete application credentials
  /// @param expiresAt when it ends
  /// @param secret empty for one that is made
  public record Wanted(
      String name,
      String description,
      Set<String> roles,
      boolean unrestricted,
      Optional<Instant> expiresAt,
      Optional<String> secret) {
    /// Copies the set.
    public Wanted {
      roles = Set.copyOf(roles);
    }

    @Override
    public String toString() {
      return "Wanted[" + name + "]";
    }
  }

  /// A credential that was made.
  ///
  /// @param secret shown this once
  public record Made(ApplicationCredential credential, String secret) {
    @Override
    public String toString() {
      return "Made[" + credential + "]";
    }
  }

  /// A user's by name.
  public List<ApplicationCredential> of(String userId) throws IOException {
    return accounts.credentialsOf(userId);
  }

  /// The credential of that id.
  public Optional<ApplicationCredential> find(String id) throws IOException {
    return accounts.findCredential(id);
  }

  /// Makes a credential for the token's user, in the token's project.
  public Made create(TokenFacts token, Wanted wanted) throws IOException {
    return log.audit()
        .make(
            log.deed(Action.CREDENTIAL_CREATE, Target.named(wanted.name()))
                .with(token.user().name()),
            () -> add(token, wanted),
            made -> target(made.credential()));
  }

  private static Target target(ApplicationCredential credential) {
    return new Target(credential.id(), credential.name());
  }

  private Made add(TokenFacts token, Wanted wanted) throws IOException {
    String projectId =
        token
            .project()
            .orElseThrow(() ->
                new OperationException(
                    Kind.USAGE, "an application credential needs a token within a project"))
            .id();
    Set<String> roles = wanted.roles().isEmpty() ? token.roles() : wanted.roles();
    if (!token.roles().containsAll(roles)) {
      throw new OperationException(
          Kind.USAGE, "an application credential cannot have roles that the token has not");
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    if (wanted.expiresAt().filter(end -> !end.isAfter(now)).isPresent()) {
      throw new OperationException(Kind.USAGE, "an application credential ends in the future");
    }
    if (of(token.user().id()).size() >= USER_HAS_MAX) {
      throw new OperationException(
          Kind.DENIED, "a user has at most %d application credentials".formatted(USER_HAS_MAX));
    }
    String secret = wanted.secret().map(AccountText::secret).orElseGet(Identity::newSecret);
    ApplicationCredential credential =
        new ApplicationCredential(
            Identity.newId(),
            token.user().id(),
            projectId,
            AccountText.name("application credential", wanted.name()),
            AccountText.text("description", wanted.description()),
            roles,
            wanted.unrestricted(),
            wanted.expiresAt(),
            now);
    accounts.addCredential(credential, passwords.hash(secret));
    return new Made(credential, secret);
  }

  /// Deletes a credential; tokens that were got with it are no longer valid.
  public void delete(ApplicationCredential credential) throws IOException {
    log.audit()
        .make(
            log.deed(Action.CREDENTIAL_DELETE, target(credential)),
            () -> accounts.deleteCredential(credential.id()));
  }
}
