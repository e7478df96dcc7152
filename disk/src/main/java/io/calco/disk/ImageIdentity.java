package io.calco.disk;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/// What makes a new image itself, in formats that record such: identifiers that no other image has,
/// and when it was made. All that would be chosen at random follows from it, so that the same disk
/// with the same identity is laid out in the same bytes, however often.
///
/// @param seed what all identifiers are made from
/// @param created when the image was made
public record ImageIdentity(UUID seed, Instant created) {

  /// One that no image had before, made now.
  public static ImageIdentity fresh() {
    return new ImageIdentity(UUID.randomUUID(), Instant.now());
  }

  /// An identifier of this image.
  ///
  /// @param purpose tells the identifiers of one image apart
  public UUID uuid(String purpose) {
    return UUID.nameUUIDFromBytes((seed + "/" + purpose).getBytes(StandardCharsets.UTF_8));
  }
}
