package io.calco.store;

import io.calco.sys.Cryptography;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/// The master key as text that survives paper: base32 (RFC 4648) of its 32 bytes and of the first 4
/// of the SHA-256 of `calco recovery` and it, in groups of four.
final class RecoveryKey {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int SUM = 4;
  private static final int BITS = 5;

  private RecoveryKey() {}

  static String print(byte[] master) {
    byte[] bytes = Arrays.copyOf(master, master.length + SUM);
    System.arraycopy(sum(master), 0, bytes, master.length, SUM);
    StringBuilder text = new StringBuilder();
    int count = Math.ceilDiv(bytes.length * 8, BITS);
    for (int i = 0; i < count; i++) {
      int value = 0;
      for (int bit = i * BITS; bit < (i + 1) * BITS; bit++) {
        int one = bit / 8 < bytes.length ? bytes[bit / 8] >>> 7 - bit % 8 & 1 : 0;
        value = value << 1 | one;
      }
      text.append(i > 0 && i % 4 == 0 ? " " : "").append(ALPHABET.charAt(value));
    }
    return text.toString();
  }

  private static byte[] sum(byte[] master) {
    var digest = Cryptography.sha256();
    digest.update("calco recovery".getBytes(StandardCharsets.US_ASCII));
    digest.update(master);
    return digest.digest();
  }

  /// The key of what [#print] made; spaces, lines and case do not matter.
  static byte[] parse(String printed) {
    String text = printed.toLowerCase(Locale.ROOT).replaceAll("[\\s-]", "");
    byte[] bytes = new byte[StoreCipher.MASTER_KEY + SUM];
    if (text.length() != Math.ceilDiv(bytes.length * 8, BITS)) {
      throw new IllegalArgumentException("the recovery key has 58 letters and digits");
    }
    for (int i = 0; i < text.length(); i++) {
      int value = ALPHABET.indexOf(text.charAt(i));
      if (value < 0) {
        throw new IllegalArgumentException("no letter of a recovery key: " + text.charAt(i));
      }
      for (int bit = 0; bit < BITS; bit++) {
        int at = i * BITS + bit;
        if (at / 8 < bytes.length && (value >>> BITS - 1 - bit & 1) != 0) {
          bytes[at / 8] |= (byte) (0x80 >>> at % 8);
        }
      }
    }
    byte[] master = Arrays.copyOf(bytes, StoreCipher.MASTER_KEY);
    if (!Arrays.equals(bytes, master.length, bytes.length, sum(master), 0, SUM)) {
      throw new IllegalArgumentException("the recovery key was not copied exactly");
    }
    return master;
  }
}
