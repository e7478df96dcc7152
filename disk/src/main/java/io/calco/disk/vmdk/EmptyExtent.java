package io.calco.disk.vmdk;

import io.calco.disk.Mapping;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.Optional;

/// An extent without bytes: it reads as zeroes (`ZERO`), or nobody may read it (`NOACCESS`).
///
/// @param image the name for messages
/// @param size guest bytes
/// @param readable it reads as zeroes
record EmptyExtent(String image, long size, boolean readable) implements VmdkExtent {
  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    if (!readable) {
      throw new UnsupportedFeatureException(
          "%s: the disk's extent of %d bytes is marked NOACCESS".formatted(image, size));
    }
    return new Mapping.Zero(Math.min(maxLength, size - offset), false);
  }

  @Override
  public Optional<Integer> grainBytes() {
    return Optional.empty();
  }
}
