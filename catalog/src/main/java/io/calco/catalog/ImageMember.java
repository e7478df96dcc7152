package io.calco.catalog;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// A project that an image is shared with.
///
/// @param imageId the image
/// @param member the project's id
/// @param status what the project makes of it
/// @param createdAt when
/// @param updatedAt when it last changed
public record ImageMember(
    String imageId, String member, Status status, Instant createdAt, Instant updatedAt) {

  /// What a project makes of an image that it was offered.
  public enum Status {
    /// It did not say.
    PENDING,
    /// It wants it in its lists.
    ACCEPTED,
    /// It does not.
    REJECTED;

    /// As the API has it.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The status of that text.
    public static Optional<Status> of(String text) {
      for (Status status : values()) {
        if (status.text().equals(text)) {
          return Optional.of(status);
        }
      }
      return Optional.empty();
    }
  }
}
