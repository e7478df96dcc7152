package io.calco.catalog;

import java.time.Instant;
import java.util.Locale;

/// An image whose content is to be at hand, or is.
///
/// @param imageId the image, which may be gone
/// @param state whether it is there
/// @param blob the copy's place; empty while it is queued, and where the content lies in a store
///   anyway
/// @param size in bytes
/// @param hits how often the copy was read
/// @param lastAccessed when it was last read
/// @param lastModified when it was made
public record CachedImage(
    String imageId,
    State state,
    String blob,
    long size,
    long hits,
    Instant lastAccessed,
    Instant lastModified) {

  /// Whether it is there.
  public enum State {
    /// Not yet.
    QUEUED,
    /// Yes.
    CACHED;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
