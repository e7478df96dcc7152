package io.calco.catalog;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// A class: linked clones of one template that are handled as one, each at a seat.
///
/// @param id never changes and never comes again
/// @param name unique among classes
/// @param prefix what its clones' names begin with; the seat's number follows
/// @param versionId the template's version that its clones are made from; empty once that is
///   deleted
/// @param quota bytes that a clone's disk may take on the host before it is not started any more
/// @param pace time between one machine's start and the next one's; zero for none
/// @param createdAt when
public record Classroom(
    String id,
    String name,
    String prefix,
    Optional<String> versionId,
    OptionalLong quota,
    Duration pace,
    Instant createdAt) {

  /// Checks the ranges.
  public Classroom {
    if (pace.isNegative() || (quota.isPresent() && quota.getAsLong() <= 0)) {
      throw new IllegalArgumentException("quota %s, pace %s".formatted(quota, pace));
    }
  }

  /// The same with other limits.
  public Classroom with(OptionalLong newQuota, Duration newPace) {
    return new Classroom(id, name, prefix, versionId, newQuota, newPace, createdAt);
  }

  /// A clone and where it sits.
  ///
  /// @param number of the seat, from 1
  public record Place(int number, Clone seated) {}
}
