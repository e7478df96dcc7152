package io.calco.backup.rescue;

/// How a disk is rescued.
///
/// @param retries how often bad sectors are tried again, 0 or more
/// @param sectorSize bytes that fail together: a power of two, 512 to 64 KiB
public record RescueOptions(int retries, int sectorSize) {
  static final int PIECE = 64 << 10;

  /// Checks both.
  public RescueOptions {
    if (retries < 0
        || sectorSize < 512
        || sectorSize > PIECE
        || Integer.bitCount(sectorSize) != 1) {
      throw new IllegalArgumentException(
          "%d retries, sectors of %d bytes".formatted(retries, sectorSize));
    }
  }
}
