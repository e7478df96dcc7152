package io.calco.catalog;

import java.time.Instant;

/// A template's name; what can be cloned are its versions.
///
/// @param id never changes and never comes again
/// @param name unique among templates; can change
/// @param createdAt when
public record Template(String id, String name, Instant createdAt) {}
