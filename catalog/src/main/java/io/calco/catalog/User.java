package io.calco.catalog;

import java.time.Instant;
import java.util.Optional;

/// Someone, or something, that asks with a name and a password.
///
/// @param id 32 hexadecimal digits; never changes and never comes again
/// @param name unique among users
/// @param description empty when there is none
/// @param email empty when it is not known
/// @param enabled one that is not gets no token, and those it has are not valid
/// @param defaultProjectId the project of a token that was asked for without one
/// @param createdAt when
public record User(
    String id,
    String name,
    String description,
    String email,
    boolean enabled,
    Optional<String> defaultProjectId,
    Instant createdAt) {}
