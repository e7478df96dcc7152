package io.calco.sys;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// What is asked of every byte of a disk: SHA-256 (FIPS 180-4), HMAC (RFC 2104) and AES-256-GCM
/// (NIST SP 800-38D). By the host's OpenSSL where there is one, otherwise by the JDK, whose speed
/// is the same once its second compiler has run: half a second of a command that takes one.
///
/// Thread rule: safe for several threads at once; a digest is confined to one.
public final class Cryptography {
  /// Bytes of a GCM tag, at the end of what is sealed.
  public static final int TAG = 16;

  private static final String HMAC = "HmacSHA256";

  private Cryptography() {}

  /// True when OpenSSL does the work.
  public static boolean ofHost() {
    return LibCrypto.available();
  }

  /// A new SHA-256.
  public static MessageDigest sha256() {
    if (ofHost()) {
      return new OpenSslSha256();
    }
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// HMAC with SHA-256.
  ///
  /// @param parts its text, one after the other; their positions are their limits afterwards
  /// @return 32 bytes
  public static byte[] hmacSha256(byte[] key, ByteBuffer... parts) {
    if (ofHost()) {
      return OpenSsl.hmacSha256(key, parts);
    }
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      for (ByteBuffer part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC", e);
    }
  }

  /// Encrypts with AES-256-GCM, without further data.
  ///
  /// @param key 32 bytes
  /// @param nonce 12 bytes, never used twice with one key
  /// @return the text, of the same length, and its tag
  public static byte[] seal(byte[] key, byte[] nonce, byte[] plain) {
    if (ofHost()) {
      return OpenSsl.seal(key, nonce, plain);
    }
    try {
      return cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(plain);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  /// Decrypts what [#seal] made.
  ///
  /// @throws AEADBadTagException when it was not sealed with this key and nonce, or changed since
  public static byte[] open(byte[] key, byte[] nonce, byte[] sealed) throws AEADBadTagException {
    if (sealed.length < TAG) {
      throw new AEADBadTagException(sealed.length + " bytes have no tag");
    }
    if (ofHost()) {
      return OpenSsl.open(key, nonce, sealed);
    }
    try {
      return cipher(Cipher.DECRYPT_MODE, key, nonce).doFinal(sealed);
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  /// As [#open(byte\[\], byte\[\], byte\[\])], in place.
  ///
  /// @param sealed all that remains, outside the heap; undefined after a failure
  /// @return the text, in the same memory
  public static ByteBuffer open(byte[] key, byte[] nonce, ByteBuffer sealed)
      throws AEADBadTagException {
    if (sealed.remaining() < TAG) {
      throw new AEADBadTagException(sealed.remaining() + " bytes have no tag");
    }
    ByteBuffer plain = sealed.slice(sealed.position(), sealed.remaining() - TAG);
    if (ofHost()) {
      OpenSsl.open(key, nonce, MemorySegment.ofBuffer(sealed));
      return plain;
    }
    try {
      cipher(Cipher.DECRYPT_MODE, key, nonce).doFinal(sealed.duplicate(), plain.duplicate());
      return plain;
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG * 8, nonce));
    return cipher;
  }
}
