package io.calco.catalog;

import java.time.Instant;
import java.util.Locale;

/// Something that was done, or was to be done. A text that is not known is empty.
///
/// @param number ascending, and never used again
/// @param at when it had been done
/// @param userId who did it
/// @param userName the same, as they were called then
/// @param projectId within which project
/// @param address where from: a client's address, or another word for no network
/// @param action what, such as `image.delete`
/// @param targetId to what: the id of what was changed
/// @param targetName the same, as it was called then
/// @param outcome what came of it
/// @param detail more of it, for a person
public record AuditEvent(
    long number,
    Instant at,
    String userId,
    String userName,
    String projectId,
    String address,
    String action,
    String targetId,
    String targetName,
    Outcome outcome,
    String detail) {

  /// What came of an action.
  public enum Outcome {
    /// It was done.
    DONE,
    /// It was not allowed, or made no sense.
    REFUSED,
    /// It could not be done.
    FAILED;

    /// As it is written.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Outcome of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }
}
