package io.calco.disk.luks;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/// LUKS's splitter: spreads a key over stripes of its own length, so that none can be missing.
public final class AntiForensic {
  private AntiForensic() {}

  /// The key that `material`, `stripes` times `keyLength` bytes, was made of. The caller wipes it.
  public static byte[] merge(byte[] material, int keyLength, int stripes, LuksHash hash) {
    byte[] key = new byte[keyLength];
    for (int i = 0; i < stripes; i++) {
      if (i > 0) {
        diffuse(key, hash);
      }
      mask(key, material, i * keyLength);
    }
    return key;
  }

  /// Spreads `key` over the beginning of `material`, all stripes but the last of which are random.
  public static void split(
      byte[] key, byte[] material, int stripes, LuksHash hash, SecureRandom random) {
    byte[] noise = new byte[key.length * (stripes - 1)];
    random.nextBytes(noise);
    System.arraycopy(noise, 0, material, 0, noise.length);
    byte[] sum = merge(noise, key.length, stripes - 1, hash);
    diffuse(sum, hash);
    mask(sum, key, 0);
    System.arraycopy(sum, 0, material, noise.length, sum.length);
    Arrays.fill(sum, (byte) 0);
    Arrays.fill(noise, (byte) 0);
  }

  private static void mask(byte[] sum, byte[] with, int from) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] ^= with[from + i];
    }
  }

  /// Replaces each digest's length of bytes with the digest of its number and itself; a shorter
  /// rest by the beginning of its digest.
  private static void diffuse(byte[] bytes, LuksHash hash) {
    MessageDigest digest = hash.digest();
    byte[] result = new byte[hash.length()];
    for (int at = 0, number = 0; at < bytes.length; at += result.length, number++) {
      int length = Math.min(result.length, bytes.length - at);
      digest.update(Luks1Layout.bytes(number));
      digest.update(bytes, at, length);
      try {
        digest.digest(result, 0, result.length);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("digest of " + result.length + " bytes", e);
      }
      System.arraycopy(result, 0, bytes, at, length);
    }
    Arrays.fill(result, (byte) 0);
  }
}
