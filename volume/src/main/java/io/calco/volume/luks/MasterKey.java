package io.calco.volume.luks;

import java.time.Duration;
import java.util.Arrays;

/// A volume's key, found in a slot. Wiped when closed.
final class MasterKey implements AutoCloseable {
  private final byte[] bytes;
  private final String slot;
  private final Duration took;

  /// @param bytes taken over
  /// @param slot where it was found
  /// @param took how long that slot's try took
  MasterKey(byte[] bytes, String slot, Duration took) {
    this.bytes = bytes;
    this.slot = slot;
    this.took = took;
  }

  /// The key itself, no copy.
  byte[] bytes() {
    return bytes;
  }

  String slot() {
    return slot;
  }

  Duration took() {
    return took;
  }

  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }
}
