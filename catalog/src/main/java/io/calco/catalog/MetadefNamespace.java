package io.calco.catalog;

import java.time.Instant;

/// A catalogue of words about images and machines.
///
/// @param name unique
/// @param owner the id of the project that made it
/// @param isPublic whether other projects see it
/// @param isProtected whether it may not be deleted
/// @param displayName for a person; may be empty
/// @param description for a person; may be empty
/// @param createdAt when
/// @param updatedAt when it last changed
public record MetadefNamespace(
    String name,
    String owner,
    boolean isPublic,
    boolean isProtected,
    String displayName,
    String description,
    Instant createdAt,
    Instant updatedAt) {}
