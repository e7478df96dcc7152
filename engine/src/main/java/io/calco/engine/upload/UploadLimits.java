package io.calco.engine.upload;

import java.time.Duration;
import java.util.OptionalLong;

/// What uploads may take.
///
/// @param length of one, in bytes
/// @param perUser how many a user may have that are not complete
/// @param kept how long one is kept that does not go on
/// @param reserve bytes of the file system that stay free; empty for
///   [io.calco.engine.store.FreeRoom]'s own choice
public record UploadLimits(long length, int perUser, Duration kept, OptionalLong reserve) {
  /// Ten for each user, three days.
  ///
  /// @param length of one, in bytes
  /// @param reserve bytes of the file system that stay free
  public static UploadLimits upTo(long length, OptionalLong reserve) {
    return new UploadLimits(length, 10, Duration.ofDays(3), reserve);
  }
}
