package io.calco.catalog.plan;

import java.time.Instant;
import java.util.Optional;

/// A step of a run.
///
/// @param run its number
/// @param position among the run's steps, from 1 on
/// @param kind what is done
/// @param subject to what
/// @param state how it is
/// @param begunAt when
/// @param endedAt when; empty while it runs
/// @param bytes that it wrote, freed or read, by its kind
/// @param message one line: what came of it, or why nothing did
public record StepEntry(
    long run,
    int position,
    String kind,
    String subject,
    RunState state,
    Instant begunAt,
    Optional<Instant> endedAt,
    long bytes,
    String message) {}
