package io.calco.catalog;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// Something done to an image in the background.
///
/// @param id its own
/// @param imageId the image, which may be gone; empty when there is none
/// @param type `api_image_import`, `location_import`, `import`
/// @param status how far it is
/// @param owner the project that asked for it
/// @param user who asked
/// @param requestId of the request that began it
/// @param input what was asked for, as JSON
/// @param result what came of it, as JSON; empty before
/// @param message why it failed; empty otherwise
/// @param createdAt when
/// @param updatedAt when it last changed
/// @param expiresAt when it may be forgotten
public record ImageTask(
    String id,
    String imageId,
    String type,
    Status status,
    String owner,
    String user,
    String requestId,
    String input,
    String result,
    String message,
    Instant createdAt,
    Instant updatedAt,
    Instant expiresAt) {

  /// How far a task is.
  public enum Status {
    /// Not begun.
    PENDING,
    /// Going on.
    PROCESSING,
    /// Done.
    SUCCESS,
    /// Failed.
    FAILURE;

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

  /// The same, further.
  public ImageTask with(Status other, String otherResult, String otherMessage) {
    return new ImageTask(
        id,
        imageId,
        type,
        other,
        owner,
        user,
        requestId,
        input,
        otherResult,
        otherMessage,
        createdAt,
        updatedAt,
        expiresAt);
  }
}
