package io.calco.fs.ext;

/// The hashes of names that order a directory's index.
///
/// @param version the hash's number: 0 legacy, 1 half MD4, 2 TEA; 3–5 the same with unsigned bytes
/// @param seed the file system's four seed words
record DirectoryHash(int version, java.util.List<Integer> seed) {
  private static final int DELTA = 0x9E3779B9;
  private static final int K2 = 0x5A827999;
  private static final int K3 = 0x6ED9EBA1;

  static boolean isKnown(int version) {
    return version >= 0 && version <= 5;
  }

  /// The name's major hash: its low bit is clear. As unsigned.
  int of(byte[] name) {
    boolean unsigned = version >= 3;
    int[] state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
    if (seed.stream().anyMatch(word -> word != 0)) {
      for (int i = 0; i < 4; i++) {
        state[i] = seed.get(i);
      }
    }
    int hash =
        switch (version % 3) {
          case 0 -> legacy(name, unsigned);
          case 1 -> {
            for (int at = 0; at < name.length; at += 32) {
              halfMd4(state, words(name, at, 8, unsigned));
            }
            yield state[1];
          }
          default -> {
            for (int at = 0; at < name.length; at += 16) {
              tea(state, words(name, at, 4, unsigned));
            }
            yield state[0];
          }
        };
    return hash & ~1;
  }

  private static int character(byte value, boolean unsigned) {
    return unsigned ? value & 0xFF : value;
  }

  private static int legacy(byte[] name, boolean unsigned) {
    int hash0 = 0x12A3FE2D;
    int hash1 = 0x37ABE8F9;
    for (byte value : name) {
      int hash = hash1 + (hash0 ^ (character(value, unsigned) * 7152373));
      if (hash < 0) {
        hash -= 0x7FFFFFFF;
      }
      hash1 = hash0;
      hash0 = hash;
    }
    return hash0 << 1;
  }

  /// The next `count` words of the name, padded with its remaining length.
  private static int[] words(byte[] name, int at, int count, boolean unsigned) {
    int left = name.length - at;
    int pad = left | left << 8;
    pad |= pad << 16;
    int[] words = new int[count];
    java.util.Arrays.fill(words, pad);
    int length = Math.min(left, count * 4);
    int value = pad;
    for (int i = 0; i < length; i++) {
      value = character(name[at + i], unsigned) + (value << 8);
      if ((i & 3) == 3 || i == length - 1) {
        words[i >> 2] = value;
      }
      if ((i & 3) == 3) {
        value = pad;
      }
    }
    return words;
  }

  private static void tea(int[] state, int[] in) {
    int sum = 0;
    int b0 = state[0];
    int b1 = state[1];
    for (int i = 0; i < 16; i++) {
      sum += DELTA;
      b0 += ((b1 << 4) + in[0]) ^ (b1 + sum) ^ ((b1 >>> 5) + in[1]);
      b1 += ((b0 << 4) + in[2]) ^ (b0 + sum) ^ ((b0 >>> 5) + in[3]);
    }
    state[0] += b0;
    state[1] += b1;
  }

  private static final int[] ORDER_1 = {0, 1, 2, 3, 4, 5, 6, 7};
  private static final int[] ORDER_2 = {1, 3, 5, 7, 0, 2, 4, 6};
  private static final int[] ORDER_3 = {3, 7, 2, 6, 1, 5, 0, 4};
  private static final int[] SHIFT_1 = {3, 7, 11, 19};
  private static final int[] SHIFT_2 = {3, 5, 9, 13};
  private static final int[] SHIFT_3 = {3, 9, 11, 15};

  private static void halfMd4(int[] state, int[] in) {
    int[] s = state.clone();
    for (int i = 0; i < 8; i++) {
      int f = s[3] ^ (s[1] & (s[2] ^ s[3]));
      round(s, f + in[ORDER_1[i]], SHIFT_1[i & 3]);
    }
    for (int i = 0; i < 8; i++) {
      int g = (s[1] & s[2]) + ((s[1] ^ s[2]) & s[3]);
      round(s, g + in[ORDER_2[i]] + K2, SHIFT_2[i & 3]);
    }
    for (int i = 0; i < 8; i++) {
      int h = s[1] ^ s[2] ^ s[3];
      round(s, h + in[ORDER_3[i]] + K3, SHIFT_3[i & 3]);
    }
    for (int i = 0; i < 4; i++) {
      state[i] += s[i];
    }
  }

  /// One step: `a` takes the sum, turned, and the four move on by one place.
  private static void round(int[] s, int add, int shift) {
    int a = Integer.rotateLeft(s[0] + add, shift);
    s[0] = s[3];
    s[3] = s[2];
    s[2] = s[1];
    s[1] = a;
  }
}
