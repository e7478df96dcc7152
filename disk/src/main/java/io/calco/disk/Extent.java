package io.calco.disk;

/// A run of guest bytes with one allocation status. `allocated` and `readsZero` are two independent
/// facts.
///
/// @param offset first byte, in bytes from the start of the disk
/// @param length bytes in the run; at least 1
/// @param allocated the run takes (or is promised) space in this disk or one below it
/// @param readsZero every byte of the run is known to read as zero
public record Extent(long offset, long length, boolean allocated, boolean readsZero) {

  /// Checks the ranges.
  public Extent {
    if (offset < 0 || length < 1) {
      throw new IllegalArgumentException("extent at " + offset + " of " + length + " bytes");
    }
    Math.addExact(offset, length);
  }

  /// The first byte after the run.
  public long end() {
    return offset + length;
  }

  /// True when `other` says the same of its bytes.
  public boolean sameStatus(Extent other) {
    return allocated == other.allocated && readsZero == other.readsZero;
  }
}
