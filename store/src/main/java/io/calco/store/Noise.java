package io.calco.store;

/// Tells bytes that nothing shrinks, such as what is compressed or encrypted already, by a few of
/// them: whether each value is about as frequent as any other.
final class Noise {
  /// Less is packed sooner than judged.
  private static final int LENGTH_MIN = 64 << 10;

  private static final int SAMPLES = 16;
  private static final int SAMPLE = 512;
  private static final int COUNTED = SAMPLES * SAMPLE;

  /// Of noise it is 255 on average and 23 more or less. So much more is a gain of 1 part in 200 by
  /// the frequencies of values, where packing asks for 1 in 32.
  private static final int CHI_SQUARE_MAX = 480;

  private Noise() {}

  /// True when the first `length` bytes seem to be noise throughout.
  static boolean fills(byte[] bytes, int length) {
    if (length < LENGTH_MIN) {
      return false;
    }
    int[] counts = new int[256];
    int step = (length - SAMPLE) / (SAMPLES - 1);
    for (int sample = 0; sample < SAMPLES; sample++) {
      int from = sample * step;
      for (int i = from; i < from + SAMPLE; i++) {
        counts[bytes[i] & 0xff]++;
      }
    }
    long squares = 0;
    for (int count : counts) {
      squares += (long) count * count;
    }
    return squares * counts.length / COUNTED - COUNTED < CHI_SQUARE_MAX;
  }
}
