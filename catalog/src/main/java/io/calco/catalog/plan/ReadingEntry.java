package io.calco.catalog.plan;

import java.time.Instant;
import java.util.Optional;

/// How far a repository has been read for a plan.
///
/// @param plan the plan's name
/// @param repository its address
/// @param slice the next to be read
/// @param cycleBegunAt when the first slice of this cycle was read
/// @param sliceReadAt when the last slice was
/// @param readAt no part was last read earlier than this; empty until all was read once
public record ReadingEntry(
    String plan,
    String repository,
    int slice,
    Instant cycleBegunAt,
    Instant sliceReadAt,
    Optional<Instant> readAt) {}
