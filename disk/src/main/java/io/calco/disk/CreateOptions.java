package io.calco.disk;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// How a new image is laid out.
///
/// @param size virtual size in bytes
/// @param backing the image below
/// @param options the format's own options under qemu-img's names (`cluster_size`, `compat` …),
///   values as the user wrote them
/// @param passphrase what will open the image, where the options ask for encryption
/// @param identity what makes the image itself
public record CreateOptions(
    long size,
    Optional<BackingReference> backing,
    Map<String, String> options,
    Optional<Passphrase> passphrase,
    ImageIdentity identity) {

  /// An image that no other was before.
  public CreateOptions(
      long size,
      Optional<BackingReference> backing,
      Map<String, String> options,
      Optional<Passphrase> passphrase) {
    this(size, backing, options, passphrase, ImageIdentity.fresh());
  }

  /// An image that is not encrypted.
  public CreateOptions(long size, Optional<BackingReference> backing, Map<String, String> options) {
    this(size, backing, options, Optional.empty());
  }

  /// Checks the size and copies the options.
  public CreateOptions {
    if (size < 0) {
      throw new IllegalArgumentException("size " + size);
    }
    options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /// A standalone image with the format's defaults.
  public static CreateOptions ofSize(long size) {
    return new CreateOptions(size, Optional.empty(), Map.of());
  }
}
