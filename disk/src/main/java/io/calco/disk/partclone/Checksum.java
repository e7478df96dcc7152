package io.calco.disk.partclone;

import java.util.Locale;
import java.util.Optional;

/// What guards the blocks.
public enum Checksum {
  /// Nothing.
  NONE(0x00, 0),
  /// The usual one: CRC-32 without the final inversion.
  CRC32(0x20, 4),
  /// Since partclone 0.3.39; seed 0.
  XXH64(0x30, 8),
  /// Since partclone 0.3.46: XXH3 of 128 bits.
  XXH128(0x31, 16);

  private final int mode;
  private final int length;

  Checksum(int mode, int length) {
    this.mode = mode;
    this.length = length;
  }

  /// The number in the header.
  int mode() {
    return mode;
  }

  /// Bytes that one takes.
  int length() {
    return length;
  }

  /// The one with this number in the header.
  static Optional<Checksum> ofMode(int mode) {
    for (Checksum checksum : values()) {
      if (checksum.mode == mode) {
        return Optional.of(checksum);
      }
    }
    return Optional.empty();
  }

  /// The name for users.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
