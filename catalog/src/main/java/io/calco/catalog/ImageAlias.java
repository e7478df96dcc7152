package io.calco.catalog;

import java.time.Instant;

/// Another name for whatever image has a name: `debian:stable` for `debian:12`.
///
/// @param owner the project that made it
/// @param name the other name, unique among the project's
/// @param target what it stands for: a name, not an alias
/// @param everybody all projects may use it, not only its own
/// @param createdAt when it was made, or changed
public record ImageAlias(
    String owner, String name, String target, boolean everybody, Instant createdAt) {}
