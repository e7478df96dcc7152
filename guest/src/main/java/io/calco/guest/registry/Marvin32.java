package io.calco.guest.registry;

import io.calco.disk.bytes.LittleEndian;

/// The sum over a transaction log's entries: Marvin32 with the registry's seed.
final class Marvin32 {
  /// Of the registry (specification, "Log entries", note 3).
  static final long REGISTRY_SEED = 0xC5554E7A884DEF82L;

  private int low;
  private int high;

  private Marvin32(long seed) {
    low = (int) seed;
    high = (int) (seed >>> 32);
  }

  /// Of `length` bytes from `at`; the high state is the result's upper half.
  static long sum(byte[] bytes, int at, int length, long seed) {
    Marvin32 state = new Marvin32(seed);
    int end = at + length;
    int next = at;
    for (; next <= end - 4; next += 4) {
      state.mix(LittleEndian.s32(bytes, next));
    }
    int last = 0x80;
    for (int i = end - 1; i >= next; i--) {
      last = last << 8 | bytes[i] & 0xFF;
    }
    state.mix(last);
    state.mix(0);
    return (long) state.high << 32 | Integer.toUnsignedLong(state.low);
  }

  private void mix(int value) {
    low += value;
    high ^= low;
    low = Integer.rotateLeft(low, 20) + high;
    high = Integer.rotateLeft(high, 9) ^ low;
    low = Integer.rotateLeft(low, 27) + high;
    high = Integer.rotateLeft(high, 19);
  }
}
