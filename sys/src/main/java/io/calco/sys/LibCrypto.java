package io.calco.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/// Layer 1: functions of OpenSSL's libcrypto, 3 or 1.1.1, under their own names; through [LibC]'s
/// one downcall. Contexts, keys and algorithms are addresses; 0 stands for what could not be had.
/// See [EVP](https://docs.openssl.org/3.0/man7/evp/).
///
/// Whoever makes an object must free it, and has it alone meanwhile.
final class LibCrypto {
  private static final long OPENSSL_INIT_NO_ATEXIT = 0x8_0000;
  private static final int EVP_PKEY_HMAC = 855;
  private static final int EVP_CTRL_AEAD_GET_TAG = 0x10;
  private static final int EVP_CTRL_AEAD_SET_TAG = 0x11;

  private static final Optional<SymbolLookup> LIBRARY = load();

  private static final MemorySegment INIT_CRYPTO = find("OPENSSL_init_crypto");
  private static final MemorySegment SHA256 = find("EVP_sha256");
  private static final MemorySegment MD_CTX_NEW = find("EVP_MD_CTX_new");
  private static final MemorySegment MD_CTX_FREE = find("EVP_MD_CTX_free");
  private static final MemorySegment DIGEST_INIT = find("EVP_DigestInit_ex");
  private static final MemorySegment DIGEST_UPDATE = find("EVP_DigestUpdate");
  private static final MemorySegment DIGEST_FINAL = find("EVP_DigestFinal_ex");
  private static final MemorySegment PKEY_NEW = find("EVP_PKEY_new_raw_private_key");
  private static final MemorySegment PKEY_FREE = find("EVP_PKEY_free");
  private static final MemorySegment SIGN_INIT = find("EVP_DigestSignInit");
  private static final MemorySegment SIGN_FINAL = find("EVP_DigestSignFinal");
  private static final MemorySegment AES_256_GCM = find("EVP_aes_256_gcm");
  private static final MemorySegment CIPHER_CTX_NEW = find("EVP_CIPHER_CTX_new");
  private static final MemorySegment CIPHER_CTX_FREE = find("EVP_CIPHER_CTX_free");
  private static final MemorySegment CIPHER_CTRL = find("EVP_CIPHER_CTX_ctrl");
  private static final MemorySegment CIPHER_INIT = find("EVP_CipherInit_ex");
  private static final MemorySegment CIPHER_UPDATE = find("EVP_CipherUpdate");
  private static final MemorySegment CIPHER_FINAL = find("EVP_CipherFinal_ex");

  private static final boolean READY = LIBRARY.isPresent() && prepare();

  private LibCrypto() {}

  private static Optional<SymbolLookup> load() {
    if (NativeAccess.available()) {
      for (String name : new String[] {"libcrypto.so.3", "libcrypto.so.1.1"}) {
        try {
          return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
        } catch (IllegalArgumentException e) {
          // The next one, or the JDK's own.
        }
      }
    }
    return Optional.empty();
  }

  private static MemorySegment find(String name) {
    return LIBRARY.flatMap(library -> library.find(name)).orElse(MemorySegment.NULL);
  }

  /// A process that ends while threads still hash must not take the library's tables from them.
  private static boolean prepare() {
    try (CallFrame frame = CallFrame.take()) {
      return found()
          && (int) call(INIT_CRYPTO, frame, OPENSSL_INIT_NO_ATEXIT, MemorySegment.NULL) == 1;
    }
  }

  private static boolean found() {
    return !MemorySegment.NULL.equals(INIT_CRYPTO)
        && !MemorySegment.NULL.equals(PKEY_NEW)
        && !MemorySegment.NULL.equals(CIPHER_FINAL);
  }

  /// True when all of these functions can be called.
  static boolean available() {
    return READY;
  }

  static long sha256(CallFrame frame) {
    return call(SHA256, frame, 0, MemorySegment.NULL);
  }

  static long mdCtxNew(CallFrame frame) {
    return call(MD_CTX_NEW, frame, 0, MemorySegment.NULL);
  }

  static void mdCtxFree(CallFrame frame, long ctx) {
    call(MD_CTX_FREE, frame, ctx, MemorySegment.NULL);
  }

  /// @return 1 when it succeeds, as all of the following
  static int digestInit(CallFrame frame, long ctx, long type) {
    return (int) call(DIGEST_INIT, frame, ctx, MemorySegment.ofAddress(type));
  }

  static int digestUpdate(CallFrame frame, long ctx, MemorySegment data) {
    return (int) LibC.call(DIGEST_UPDATE, frame, ctx, data, data.byteSize(), 0, 0, 0);
  }

  /// @param md receives the digest
  static int digestFinal(CallFrame frame, long ctx, MemorySegment md) {
    return (int) call(DIGEST_FINAL, frame, ctx, md);
  }

  static long hmacKey(CallFrame frame, MemorySegment key) {
    return LibC.call(
        PKEY_NEW, frame, EVP_PKEY_HMAC, MemorySegment.NULL, key.address(), key.byteSize(), 0, 0);
  }

  static void keyFree(CallFrame frame, long key) {
    call(PKEY_FREE, frame, key, MemorySegment.NULL);
  }

  static int signInit(CallFrame frame, long ctx, long type, long key) {
    return (int) LibC.call(SIGN_INIT, frame, ctx, MemorySegment.NULL, type, 0, key, 0);
  }

  /// @param length native memory that holds what `signature` has room for, and then its length
  static int signFinal(CallFrame frame, long ctx, MemorySegment signature, MemorySegment length) {
    return (int) LibC.call(SIGN_FINAL, frame, ctx, signature, length.address(), 0, 0, 0);
  }

  static long aes256Gcm(CallFrame frame) {
    return call(AES_256_GCM, frame, 0, MemorySegment.NULL);
  }

  static long cipherCtxNew(CallFrame frame) {
    return call(CIPHER_CTX_NEW, frame, 0, MemorySegment.NULL);
  }

  static void cipherCtxFree(CallFrame frame, long ctx) {
    call(CIPHER_CTX_FREE, frame, ctx, MemorySegment.NULL);
  }

  static int cipherInit(
      CallFrame frame,
      long ctx,
      long type,
      MemorySegment key,
      MemorySegment nonce,
      boolean encrypts) {
    MemorySegment cipher = MemorySegment.ofAddress(type);
    return (int)
        LibC.call(
            CIPHER_INIT, frame, ctx, cipher, 0, key.address(), nonce.address(), encrypts ? 1 : 0);
  }

  /// Works in place.
  ///
  /// @param written native memory that receives an int
  static int cipherUpdate(CallFrame frame, long ctx, MemorySegment data, MemorySegment written) {
    long address = data.address();
    return (int)
        LibC.call(CIPHER_UPDATE, frame, ctx, data, written.address(), address, data.byteSize(), 0);
  }

  /// @param rest native memory, for what this writes: nothing with GCM
  /// @return 1 when the tag is the one that was set
  static int cipherFinal(CallFrame frame, long ctx, MemorySegment rest, MemorySegment written) {
    return (int) LibC.call(CIPHER_FINAL, frame, ctx, rest, written.address(), 0, 0, 0);
  }

  static int getTag(CallFrame frame, long ctx, MemorySegment tag) {
    return tagControl(frame, ctx, EVP_CTRL_AEAD_GET_TAG, tag);
  }

  static int setTag(CallFrame frame, long ctx, MemorySegment tag) {
    return tagControl(frame, ctx, EVP_CTRL_AEAD_SET_TAG, tag);
  }

  private static int tagControl(CallFrame frame, long ctx, int control, MemorySegment tag) {
    MemorySegment type = MemorySegment.ofAddress(control);
    return (int) LibC.call(CIPHER_CTRL, frame, ctx, type, tag.byteSize(), tag.address(), 0, 0);
  }

  private static long call(
      MemorySegment function, CallFrame frame, long first, MemorySegment second) {
    return LibC.call(function, frame, first, second, 0, 0, 0, 0);
  }
}
