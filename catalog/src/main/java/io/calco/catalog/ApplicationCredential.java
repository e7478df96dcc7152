package io.calco.catalog;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// A secret with which a program asks for tokens in its user's stead, within one project.
///
/// @param id 32 hexadecimal digits; never changes and never comes again
/// @param userId whose it is
/// @param projectId within which its tokens are
/// @param name unique among the user's
/// @param description empty when there is none
/// @param roles those of the user's in the project that its tokens have, if the user still has them
/// @param unrestricted whether it may make and delete application credentials
/// @param expiresAt when it ends by itself
/// @param createdAt when
public record ApplicationCredential(
    String id,
    String userId,
    String projectId,
    String name,
    String description,
    Set<String> roles,
    boolean unrestricted,
    Optional<Instant> expiresAt,
    Instant createdAt) {

  /// Copies the set.
  public ApplicationCredential {
    roles = Set.copyOf(roles);
  }
}
