package io.calco.engine.identity;

import io.calco.catalog.ApplicationCredential;
import io.calco.catalog.Project;
import io.calco.catalog.User;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a valid token means now.
///
/// @param user whose it is
/// @param project within which; empty for one without a scope
/// @param roles in that project, with those implied
/// @param credential the application credential that it was got with
/// @param methods how it was got: `password`, `token`, `application_credential`
/// @param auditId names the token in a log without giving it away
/// @param issuedAt when, in whole seconds
/// @param expiresAt when it ends, in whole seconds
public record TokenFacts(
    User user,
    Optional<Project> project,
    Set<String> roles,
    Optional<ApplicationCredential> credential,
    List<String> methods,
    String auditId,
    Instant issuedAt,
    Instant expiresAt) {

  /// Copies the collections.
  public TokenFacts {
    roles = Set.copyOf(roles);
    methods = List.copyOf(methods);
  }

  /// Who asks with it.
  public Caller caller() {
    return new Caller(
        user.id(),
        user.name(),
        project.map(found -> new Caller.Scope(found.id(), found.name())),
        roles);
  }
}
