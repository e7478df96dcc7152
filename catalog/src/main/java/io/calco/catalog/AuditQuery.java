package io.calco.catalog;

import java.time.Instant;
import java.util.Optional;

/// Which events are wanted; each part that is empty leaves them all.
///
/// @param user whose: a user's name
/// @param action what: an action, or the beginning of one up to its dot, such as `image`
/// @param target to what: an id or a name
/// @param outcome what came of it
/// @param since not before
/// @param until before
/// @param below with a smaller number, for the next page
/// @param limit at most that many, 1 to [#LIMIT_MAX]
public record AuditQuery(
    Optional<String> user,
    Optional<String> action,
    Optional<String> target,
    Optional<AuditEvent.Outcome> outcome,
    Optional<Instant> since,
    Optional<Instant> until,
    Optional<Long> below,
    int limit) {

  /// The most events in one answer.
  public static final int LIMIT_MAX = 1000;

  /// Refuses a limit out of its range.
  public AuditQuery {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new IllegalArgumentException("1 to %d events".formatted(LIMIT_MAX));
    }
  }

  /// The newest events.
  public static AuditQuery newest(int limit) {
    return new AuditQuery(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        limit);
  }
}
