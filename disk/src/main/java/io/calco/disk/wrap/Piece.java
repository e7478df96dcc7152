package io.calco.disk.wrap;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A run of the plain bytes that can be unpacked without what lies before it.
abstract class Piece {
  /// The most bytes that a piece may have: several are held at a time.
  static final int LENGTH_MAX = 32 << 20;

  private final long offset;
  private final int length;

  /// @param offset the first plain byte
  /// @param length 1 to [#LENGTH_MAX]
  Piece(long offset, int length) {
    this.offset = offset;
    this.length = length;
  }

  final long offset() {
    return offset;
  }

  final int length() {
    return length;
  }

  final long end() {
    return offset + length;
  }

  /// The plain bytes, checked as far as the container lets them be. Several threads unpack several
  /// pieces at once.
  abstract MemorySegment unpack() throws IOException;
}
