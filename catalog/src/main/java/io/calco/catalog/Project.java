package io.calco.catalog;

import java.time.Instant;

/// Owns images, and those who work on them have roles in it.
///
/// @param id 32 hexadecimal digits; never changes and never comes again
/// @param name unique among projects
/// @param description empty when there is none
/// @param enabled nobody can work in one that is not
/// @param createdAt when
public record Project(
    String id, String name, String description, boolean enabled, Instant createdAt) {}
