package io.calco.catalog.plan;

import java.time.Instant;
import java.util.Optional;

/// What a repository had of a plan's source when it was last looked at.
///
/// @param plan the plan's name
/// @param source the source's path
/// @param repository its address
/// @param machine whose disk the newest point is; empty without one
/// @param points how many there are
/// @param newestId of the newest; empty without one
/// @param newestAt when that was made
/// @param damage what is known to be lost of it; empty for nothing
/// @param verifiedAt when all of it was last read
/// @param testedAt when it was last tried
/// @param testedHow how; empty when it never was
/// @param seenAt when the repository was looked at
public record CopyEntry(
    String plan,
    String source,
    String repository,
    String machine,
    int points,
    String newestId,
    Optional<Instant> newestAt,
    String damage,
    Optional<Instant> verifiedAt,
    Optional<Instant> testedAt,
    String testedHow,
    Instant seenAt) {}
