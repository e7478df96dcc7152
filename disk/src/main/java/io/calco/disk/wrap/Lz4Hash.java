package io.calco.disk.wrap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// XXH32 with seed 0, which lz4 frames are checked by.
///
/// @see <a href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">xxHash</a>
final class Lz4Hash {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int PRIME1 = 0x9E37_79B1;
  private static final int PRIME2 = 0x85EB_CA77;
  private static final int PRIME3 = 0xC2B2_AE3D;
  private static final int PRIME4 = 0x27D4_EB2F;
  private static final int PRIME5 = 0x1656_67B1;
  private static final int STRIPE = 16;

  private final byte[] held = new byte[STRIPE];
  private int heldLength;
  private long length;

  /// The primes' sum, and the first one's opposite.
  private int lane1 = 0x2423_4428;

  private int lane2 = PRIME2;
  private int lane3;
  private int lane4 = 0x61C8_864F;

  /// The hash of one run of bytes.
  static int of(byte[] bytes, int from, int length) {
    Lz4Hash hash = new Lz4Hash();
    hash.update(bytes, from, length);
    return hash.value();
  }

  void update(byte[] bytes, int from, int count) {
    length += count;
    int at = from;
    int end = from + count;
    if (heldLength > 0) {
      int n = Math.min(STRIPE - heldLength, count);
      System.arraycopy(bytes, at, held, heldLength, n);
      heldLength += n;
      at += n;
      if (heldLength < STRIPE) {
        return;
      }
      stripes(held, 0, STRIPE);
    }
    int whole = at + (end - at) / STRIPE * STRIPE;
    stripes(bytes, at, whole);
    heldLength = end - whole;
    System.arraycopy(bytes, whole, held, 0, heldLength);
  }

  private void stripes(byte[] bytes, int from, int end) {
    int one = lane1;
    int two = lane2;
    int three = lane3;
    int four = lane4;
    for (int at = from; at < end; at += STRIPE) {
      one = round(one, (int) INTS.get(bytes, at));
      two = round(two, (int) INTS.get(bytes, at + 4));
      three = round(three, (int) INTS.get(bytes, at + 8));
      four = round(four, (int) INTS.get(bytes, at + 12));
    }
    lane1 = one;
    lane2 = two;
    lane3 = three;
    lane4 = four;
  }

  private static int round(int lane, int word) {
    return Integer.rotateLeft(lane + word * PRIME2, 13) * PRIME1;
  }

  /// The hash of all bytes so far.
  int value() {
    int hash =
        length >= STRIPE
            ? Integer.rotateLeft(lane1, 1)
                + Integer.rotateLeft(lane2, 7)
                + Integer.rotateLeft(lane3, 12)
                + Integer.rotateLeft(lane4, 18)
            : PRIME5;
    hash += (int) length;
    int at = 0;
    for (; at + 4 <= heldLength; at += 4) {
      hash = Integer.rotateLeft(hash + (int) INTS.get(held, at) * PRIME3, 17) * PRIME4;
    }
    for (; at < heldLength; at++) {
      hash = Integer.rotateLeft(hash + (held[at] & 0xff) * PRIME5, 11) * PRIME1;
    }
    hash = (hash ^ hash >>> 15) * PRIME2;
    hash = (hash ^ hash >>> 13) * PRIME3;
    return hash ^ hash >>> 16;
  }
}
