package io.calco.catalog.plan;

import java.time.Instant;

/// A line of a run's log.
///
/// @param at when it was written
/// @param text the line
public record LogLine(Instant at, String text) {}
