package io.calco.disk.wrap;

import java.io.IOException;

/// Takes bits from a packed file, the highest of each byte first. Thread rule: confined.
final class BitInput {
  private final PackedInput in;
  private long bits;
  private int count;

  /// @param bitOffset the first bit, from the start of the file
  BitInput(PackedInput in, long bitOffset, String structure) throws IOException {
    this.in = in;
    in.seek(bitOffset >>> 3);
    take((int) (bitOffset & 7), structure);
  }

  /// The next 0 to 32 bits.
  long take(int n, String structure) throws IOException {
    while (count < n) {
      bits = bits << 8 | in.u8(structure);
      count += 8;
    }
    count -= n;
    return bits >>> count & (1L << n) - 1;
  }

  /// One bit.
  boolean flag(String structure) throws IOException {
    return take(1, structure) != 0;
  }

  /// The offset of the next bit.
  long position() {
    return (in.position() << 3) - count;
  }

  /// Leaves out the rest of a byte.
  void align() {
    count &= -8;
  }

  /// True when no byte follows; called between two.
  boolean atEnd() throws IOException {
    if (count > 0) {
      return false;
    }
    int next = in.read();
    if (next >= 0) {
      in.seek(in.position() - 1);
    }
    return next < 0;
  }
}
