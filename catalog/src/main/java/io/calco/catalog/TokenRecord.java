package io.calco.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is kept of a token. Its roles are not: they are those that its user has when it is used.
///
/// @param hash SHA-256 of the token, 64 hexadecimal digits
/// @param userId whose it is
/// @param projectId within which; empty for one without a scope
/// @param credentialId the application credential that it was got with
/// @param methods how it was got: `password`, `token`, `application_credential`
/// @param issuedAt when, in whole seconds
/// @param expiresAt when it ends, in whole seconds
public record TokenRecord(
    String hash,
    String userId,
    Optional<String> projectId,
    Optional<String> credentialId,
    List<String> methods,
    Instant issuedAt,
    Instant expiresAt) {

  /// Copies the list.
  public TokenRecord {
    methods = List.copyOf(methods);
  }
}
