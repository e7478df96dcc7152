package io.calco.disk;

import java.util.Optional;

/// What an overlay records of the image below it.
///
/// @param name the name as it stands in the file, relative to the overlay's directory unless
///   absolute
/// @param format the format's name; empty in old images that do not record it
/// @param identity what the image below must call itself ([FormatInfo#identity]), in formats that
///   record it
public record BackingReference(String name, Optional<String> format, Optional<String> identity) {

  /// A reference to whatever has the name.
  public BackingReference(String name, Optional<String> format) {
    this(name, format, Optional.empty());
  }
}
