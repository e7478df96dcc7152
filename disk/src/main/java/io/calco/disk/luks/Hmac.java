package io.calco.disk.luks;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/// HMAC (RFC 2104) of short texts, millions of times: the JDK's own makes garbage in each, and
/// takes no empty key. Confined.
final class Hmac {
  private final MessageDigest digest;
  private final byte[] inner;
  private final byte[] outer;

  Hmac(LuksHash hash, byte[] key) {
    digest = hash.digest();
    inner = new byte[hash.blockLength()];
    if (key.length > inner.length) {
      digest.update(key);
      finish(inner);
    } else {
      System.arraycopy(key, 0, inner, 0, key.length);
    }
    outer = inner.clone();
    for (int i = 0; i < inner.length; i++) {
      inner[i] ^= 0x36;
      outer[i] ^= 0x5c;
    }
  }

  /// The code of `first` and `second`, into `result`, which may be one of them.
  void apply(byte[] first, byte[] second, byte[] result) {
    digest.update(inner);
    digest.update(first);
    digest.update(second);
    finish(result);
    digest.update(outer);
    digest.update(result, 0, digest.getDigestLength());
    finish(result);
  }

  private void finish(byte[] result) {
    try {
      digest.digest(result, 0, digest.getDigestLength());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("digest of " + digest.getDigestLength() + " bytes", e);
    }
  }

  /// Forgets the key.
  void wipe() {
    Arrays.fill(inner, (byte) 0);
    Arrays.fill(outer, (byte) 0);
    digest.reset();
  }
}
