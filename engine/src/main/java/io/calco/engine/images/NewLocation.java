package io.calco.engine.images;

import io.calco.catalog.ImageLocation;
import java.util.Optional;

/// A place on the web where, as somebody says, an image's content lies; or one that the image has
/// already.
///
/// @param address as clients see places
/// @param metadata what is said of it, a JSON object
/// @param claims what the content is said to be
public record NewLocation(String address, String metadata, Optional<Claims> claims) {
  /// Ours.
  private static final int ADDRESS_MAX = 2000;

  private static final int METADATA_MAX = 16 << 10;

  /// Bounds the texts.
  ///
  /// @throws io.calco.engine.OperationException of kind USAGE when one is too long
  public NewLocation {
    if (address.length() > ADDRESS_MAX || metadata.length() > METADATA_MAX) {
      throw ImageAttributes.usage("A location may not be that long.");
    }
  }

  /// What content is said to be.
  ///
  /// @param md5 hexadecimal; empty when nothing is said of it
  /// @param algorithm `sha256`, `sha512`; empty with no hash
  /// @param hash hexadecimal
  public record Claims(String md5, String algorithm, String hash) {}

  ImageLocation at(String place) {
    return new ImageLocation(place, metadata);
  }
}
