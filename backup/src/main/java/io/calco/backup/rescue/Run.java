package io.calco.backup.rescue;

/// A run of bytes of a disk.
///
/// @param start first byte, 0 or more
/// @param length in bytes, 1 or more
public record Run(long start, long length) {
  /// Checks that there are such bytes.
  public Run {
    if (start < 0 || length < 1 || start > Long.MAX_VALUE - length) {
      throw new IllegalArgumentException("%d bytes at %d".formatted(length, start));
    }
  }

  /// The first byte behind it.
  public long end() {
    return start + length;
  }
}
