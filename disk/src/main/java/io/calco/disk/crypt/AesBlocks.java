package io.calco.disk.crypt;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/// AES on single blocks of 16 bytes, many in one call. Confined.
final class AesBlocks {
  static final int BLOCK = 16;

  private final Cipher cipher;

  private AesBlocks(Cipher cipher) {
    this.cipher = cipher;
  }

  static AesBlocks encrypting(byte[] key) {
    return new AesBlocks(cipher(Cipher.ENCRYPT_MODE, key));
  }

  static AesBlocks decrypting(byte[] key) {
    return new AesBlocks(cipher(Cipher.DECRYPT_MODE, key));
  }

  private static Cipher cipher(int direction, byte[] key) {
    try {
      Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
      cipher.init(direction, new SecretKeySpec(key, "AES"));
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "every JDK has AES; key of %d bytes".formatted(key.length), e);
    }
  }

  /// Transforms the first `length` bytes in place.
  void apply(byte[] bytes, int length) {
    try {
      cipher.update(bytes, 0, length, bytes, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(length + " bytes", e);
    }
  }
}
