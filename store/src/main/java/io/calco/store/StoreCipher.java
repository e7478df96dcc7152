package io.calco.store;

import io.calco.disk.bytes.BigEndian;
import io.calco.sys.Cryptography;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.stream.Stream;

/// How pieces are named and sealed: in an encrypted store under keys derived from its master key,
/// in a plain one by bare SHA-256 and not at all.
///
/// Thread rule: safe for several threads at once.
final class StoreCipher {
  /// Bytes of a salt: each object that is sealed has its own, and so a key of its own.
  static final int SALT = 32;

  /// Bytes of the master key.
  static final int MASTER_KEY = 32;

  /// The number that a pack's table is sealed under; its pieces count from 0.
  static final long TABLE = 0xffff_ffffL;

  private static final int CHECK = 16;

  private final byte[] master;
  private final byte[] identityKey;

  private StoreCipher(byte[] master) {
    this.master = master;
    this.identityKey = master.length == 0 ? master : hmac(master, ascii("calco identity"));
  }

  static StoreCipher plain() {
    return new StoreCipher(new byte[0]);
  }

  /// @param master copied
  static StoreCipher of(byte[] master) {
    if (master.length != MASTER_KEY) {
      throw new IllegalArgumentException("master key of " + master.length + " bytes");
    }
    return new StoreCipher(master.clone());
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  boolean encrypts() {
    return master.length > 0;
  }

  /// A copy of the master key.
  byte[] masterKey() {
    return master.clone();
  }

  /// Bytes that sealing adds.
  int overhead() {
    return encrypts() ? Cryptography.TAG : 0;
  }

  /// The identity of a piece.
  ChunkId identify(Kind kind, byte[] bytes, int length) {
    return identify(kind, ByteBuffer.wrap(bytes, 0, length));
  }

  /// The identity of a piece; the buffer's position is its limit afterwards.
  ChunkId identify(Kind kind, ByteBuffer bytes) {
    byte code = (byte) kind.code();
    if (encrypts()) {
      ByteBuffer kindCode = ByteBuffer.wrap(new byte[] {code});
      return ChunkId.read(Cryptography.hmacSha256(identityKey, kindCode, bytes), 0);
    }
    MessageDigest digest = Cryptography.sha256();
    digest.update(code);
    digest.update(bytes);
    return ChunkId.read(digest.digest(), 0);
  }

  /// What stands for a name that the backend should not learn.
  ChunkId disguise(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return ChunkId.read(
        encrypts()
            ? hmac(hmac(master, ascii("calco name")), bytes)
            : Cryptography.sha256().digest(bytes),
        0);
  }

  /// Tells one master key from another; zeroes in a plain store.
  byte[] keyCheck() {
    return encrypts() ? Arrays.copyOf(hmac(master, ascii("calco check")), CHECK) : new byte[CHECK];
  }

  /// The seal of one object.
  ///
  /// @param magic the object's first 8 bytes
  /// @param salt its own random bytes
  Seal seal(byte[] magic, byte[] salt) {
    return encrypts()
        ? new Seal(hmac(master, ascii("calco seal"), magic, salt))
        : new Seal(new byte[0]);
  }

  /// Seals the parts of one object, each under a number of its own: AES-256-GCM, whose nonce is the
  /// number, or nothing.
  static final class Seal {
    private final byte[] key;

    Seal(byte[] key) {
      this.key = key;
    }

    byte[] close(long number, byte[] plain) {
      return key.length == 0 ? plain : Cryptography.seal(key, nonce(number), plain);
    }

    /// @throws GeneralSecurityException when it was not sealed so
    byte[] open(long number, byte[] sealed) throws GeneralSecurityException {
      return key.length == 0 ? sealed : Cryptography.open(key, nonce(number), sealed);
    }

    /// As [#open(long, byte\[\])], in place.
    ///
    /// @param sealed all that remains in it
    /// @return what was sealed, a part of the same memory
    ByteBuffer open(long number, ByteBuffer sealed) throws GeneralSecurityException {
      return key.length == 0 ? sealed : Cryptography.open(key, nonce(number), sealed);
    }

    /// Bytes that it adds to each.
    int overhead() {
      return key.length == 0 ? 0 : Cryptography.TAG;
    }

    private static byte[] nonce(long number) {
      byte[] nonce = new byte[12];
      BigEndian.put64(nonce, 4, number);
      return nonce;
    }
  }

  static byte[] hmac(byte[] key, byte[]... parts) {
    return Cryptography.hmacSha256(
        key, Stream.of(parts).map(ByteBuffer::wrap).toArray(ByteBuffer[]::new));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
