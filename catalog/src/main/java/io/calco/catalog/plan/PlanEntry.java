package io.calco.catalog.plan;

import java.time.Instant;

/// A plan.
///
/// @param name its own, a [io.calco.catalog.Name]
/// @param definition what it says, as the engine writes it
/// @param createdAt when it was added
/// @param changedAt when it was last changed
public record PlanEntry(String name, String definition, Instant createdAt, Instant changedAt) {}
