package io.calco.disk;

import java.util.Optional;

/// How a format opens its file.
///
/// @param writable changes will be made
/// @param snapshot read the guest as this internal snapshot (its id or name) left it; then the
///   image cannot be written
/// @param forRepair open also when the image is marked corrupt or is otherwise unfit to be used, to
///   verify and mend it
/// @param companions the files beside the image's own
/// @param passphrase what opens the image if it is encrypted
public record FormatOpenOptions(
    boolean writable,
    Optional<String> snapshot,
    boolean forRepair,
    Companions companions,
    Optional<Passphrase> passphrase) {

  /// For an image that stands alone and is not encrypted.
  public FormatOpenOptions(boolean writable, Optional<String> snapshot, boolean forRepair) {
    this(writable, snapshot, forRepair, Companions.none(), Optional.empty());
  }

  /// For reading only.
  public static FormatOpenOptions readOnly() {
    return new FormatOpenOptions(false, Optional.empty(), false);
  }

  /// For reading and writing.
  public static FormatOpenOptions readWrite() {
    return new FormatOpenOptions(true, Optional.empty(), false);
  }
}
