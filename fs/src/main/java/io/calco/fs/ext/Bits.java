package io.calco.fs.ext;

/// Bitmaps as ext stores them: bit n is bit n % 8 of byte n / 8.
final class Bits {
  private Bits() {}

  static boolean get(byte[] bits, int at) {
    return (bits[at >> 3] & 1 << (at & 7)) != 0;
  }

  /// Sets the bits from `from` up to, not including, `to`.
  static void set(byte[] bits, int from, int to) {
    fill(bits, from, to, 0xFF);
  }

  /// Clears the bits from `from` up to, not including, `to`.
  static void clear(byte[] bits, int from, int to) {
    fill(bits, from, to, 0);
  }

  private static void fill(byte[] bits, int from, int to, int with) {
    int at = from;
    while (at < to) {
      if ((at & 7) == 0 && to - at >= 8) {
        bits[at >> 3] = (byte) with;
        at += 8;
      } else {
        int mask = 1 << (at & 7);
        bits[at >> 3] = (byte) ((bits[at >> 3] & ~mask) | (with & mask));
        at++;
      }
    }
  }

  /// The first clear bit from `from` on, or `end` when there is none before it.
  static int nextClear(byte[] bits, int from, int end) {
    return next(bits, from, end, 0xFF);
  }

  /// The first set bit from `from` on, or `end` when there is none before it.
  static int nextSet(byte[] bits, int from, int end) {
    return next(bits, from, end, 0);
  }

  private static int next(byte[] bits, int from, int end, int skip) {
    int at = from;
    while (at < end) {
      int rest = ((bits[at >> 3] ^ skip) & 0xFF) >>> (at & 7);
      if (rest != 0) {
        return Math.min(end, at + Integer.numberOfTrailingZeros(rest));
      }
      at = (at | 7) + 1;
    }
    return end;
  }
}
