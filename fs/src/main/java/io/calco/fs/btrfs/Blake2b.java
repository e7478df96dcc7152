package io.calco.fs.btrfs;

import io.calco.disk.bytes.LittleEndian;
import java.util.Arrays;

/// BLAKE2b with sums of 256 bits and no key. Read: RFC 7693.
final class Blake2b {
  private static final int BLOCK = 128;
  private static final int SUM = 32;

  private static final long[] START = {
    0x6a09e667f3bcc908L, 0xbb67ae8584caa73bL, 0x3c6ef372fe94f82bL, 0xa54ff53a5f1d36f1L,
    0x510e527fade682d1L, 0x9b05688c2b3e6c1fL, 0x1f83d9abfb41bd6bL, 0x5be0cd19137e2179L
  };

  /// Which word of the message each half of a mixing takes, by round; after ten it begins again.
  private static final byte[][] ORDER = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}
  };

  private static final int ROUNDS = 12;

  private final long[] state = START.clone();
  private final long[] work = new long[16];
  private final long[] message = new long[16];

  private Blake2b() {
    state[0] ^= 0x01010000 | SUM; // depth 1, fanout 1, no key
  }

  /// The sum of the bytes from `from` on, up to `to`.
  static byte[] of256(byte[] bytes, int from, int to) {
    Blake2b hash = new Blake2b();
    int at = from;
    for (; to - at > BLOCK; at += BLOCK) {
      hash.block(bytes, at, at + BLOCK - from, false);
    }
    hash.block(Arrays.copyOf(Arrays.copyOfRange(bytes, at, to), BLOCK), 0, to - from, true);
    byte[] sum = new byte[SUM];
    for (int i = 0; i < SUM / 8; i++) {
      LittleEndian.put64(sum, i * 8, hash.state[i]);
    }
    return sum;
  }

  private void block(byte[] bytes, int at, long counted, boolean last) {
    for (int i = 0; i < 16; i++) {
      message[i] = LittleEndian.s64(bytes, at + i * 8);
    }
    System.arraycopy(state, 0, work, 0, 8);
    System.arraycopy(START, 0, work, 8, 8);
    work[12] ^= counted;
    if (last) {
      work[14] = ~work[14];
    }
    for (int round = 0; round < ROUNDS; round++) {
      byte[] order = ORDER[round % ORDER.length];
      for (int i = 0; i < 4; i++) {
        mix(i, 4 + i, 8 + i, 12 + i, order[2 * i], order[2 * i + 1]);
      }
      for (int i = 0; i < 4; i++) {
        mix(
            i,
            4 + (i + 1) % 4,
            8 + (i + 2) % 4,
            12 + (i + 3) % 4,
            order[8 + 2 * i],
            order[9 + 2 * i]);
      }
    }
    for (int i = 0; i < 8; i++) {
      state[i] ^= work[i] ^ work[i + 8];
    }
  }

  private void mix(int a, int b, int c, int d, int x, int y) {
    half(a, b, c, d, message[x], 32, 24);
    half(a, b, c, d, message[y], 16, 63);
  }

  private void half(int a, int b, int c, int d, long word, int first, int second) {
    work[a] += work[b] + word;
    work[d] = Long.rotateRight(work[d] ^ work[a], first);
    work[c] += work[d];
    work[b] = Long.rotateRight(work[b] ^ work[c], second);
  }
}
