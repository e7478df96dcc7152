package io.calco.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import javax.crypto.AEADBadTagException;

/// Layer 2: whole messages by OpenSSL. Heap memory passes through a bounce buffer.
final class OpenSsl {
  private static final int HASH = 32;
  private static final int KEY = 32;
  private static final int NONCE = 12;

  private OpenSsl() {}

  static byte[] hmacSha256(byte[] key, ByteBuffer... parts) {
    try (CallFrame frame = CallFrame.take();
        BounceBuffer bounce = BounceBuffer.take();
        Arena arena = Arena.ofConfined()) {
      long pkey = object(LibCrypto.hmacKey(frame, arena.allocateFrom(ValueLayout.JAVA_BYTE, key)));
      long ctx = LibCrypto.mdCtxNew(frame);
      try {
        done(LibCrypto.signInit(frame, object(ctx), LibCrypto.sha256(frame), pkey));
        for (ByteBuffer part : parts) {
          digest(frame, ctx, bounce, MemorySegment.ofBuffer(part));
          part.position(part.limit());
        }
        MemorySegment signature = arena.allocate(HASH);
        MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_LONG, HASH);
        done(LibCrypto.signFinal(frame, ctx, signature, length));
        return signature.toArray(ValueLayout.JAVA_BYTE);
      } finally {
        LibCrypto.mdCtxFree(frame, ctx);
        LibCrypto.keyFree(frame, pkey);
      }
    }
  }

  /// Hashes further bytes, of native memory or of the heap.
  static void digest(CallFrame frame, long ctx, BounceBuffer bounce, MemorySegment bytes) {
    if (bytes.isNative()) {
      done(LibCrypto.digestUpdate(frame, ctx, bytes));
      return;
    }
    long done = 0;
    while (done < bytes.byteSize()) {
      MemorySegment piece = bounce.first(bytes.byteSize() - done);
      MemorySegment.copy(bytes, done, piece, 0, piece.byteSize());
      done(LibCrypto.digestUpdate(frame, ctx, piece));
      done += piece.byteSize();
    }
  }

  static byte[] seal(byte[] key, byte[] nonce, byte[] plain) {
    byte[] sealed = new byte[plain.length + Cryptography.TAG];
    try (Message message = new Message(key, nonce, true)) {
      message.pass(plain, sealed, plain.length);
      message.end();
      message.getTag(sealed, plain.length);
    }
    return sealed;
  }

  static byte[] open(byte[] key, byte[] nonce, byte[] sealed) throws AEADBadTagException {
    byte[] plain = new byte[sealed.length - Cryptography.TAG];
    try (Message message = new Message(key, nonce, false)) {
      message.pass(sealed, plain, plain.length);
      message.check(MemorySegment.ofArray(sealed).asSlice(plain.length));
    }
    return plain;
  }

  /// @param sealed native; the text is where it was, without the tag
  static void open(byte[] key, byte[] nonce, MemorySegment sealed) throws AEADBadTagException {
    long length = sealed.byteSize() - Cryptography.TAG;
    try (Message message = new Message(key, nonce, false)) {
      if (length > 0) {
        message.pass(sealed.asSlice(0, length));
      }
      message.check(sealed.asSlice(length));
    }
  }

  /// One message under AES-256-GCM.
  private static final class Message implements AutoCloseable {
    private final CallFrame frame = CallFrame.take();
    private final BounceBuffer bounce = BounceBuffer.take();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment tag = arena.allocate(Cryptography.TAG);
    private final MemorySegment written = arena.allocate(ValueLayout.JAVA_INT);
    private final long ctx;

    Message(byte[] key, byte[] nonce, boolean encrypts) {
      if (key.length != KEY || nonce.length != NONCE) {
        throw new IllegalArgumentException(key.length + " bytes of key, " + nonce.length);
      }
      this.ctx = object(LibCrypto.cipherCtxNew(frame));
      done(
          LibCrypto.cipherInit(
              frame,
              ctx,
              LibCrypto.aes256Gcm(frame),
              arena.allocateFrom(ValueLayout.JAVA_BYTE, key),
              arena.allocateFrom(ValueLayout.JAVA_BYTE, nonce),
              encrypts));
    }

    void pass(byte[] from, byte[] to, int length) {
      int done = 0;
      while (done < length) {
        MemorySegment piece = bounce.first(length - done);
        int count = (int) piece.byteSize();
        MemorySegment.copy(from, done, piece, ValueLayout.JAVA_BYTE, 0, count);
        pass(piece);
        MemorySegment.copy(piece, ValueLayout.JAVA_BYTE, 0, to, done, count);
        done += count;
      }
    }

    /// In place.
    void pass(MemorySegment bytes) {
      done(LibCrypto.cipherUpdate(frame, ctx, bytes, written));
    }

    void end() {
      done(LibCrypto.cipherFinal(frame, ctx, tag, written));
    }

    /// Ends the message, which must have this tag.
    void check(MemorySegment expected) throws AEADBadTagException {
      tag.copyFrom(expected);
      done(LibCrypto.setTag(frame, ctx, tag));
      if (LibCrypto.cipherFinal(frame, ctx, tag, written) != 1) {
        throw new AEADBadTagException("its tag is another");
      }
    }

    void getTag(byte[] to, int at) {
      done(LibCrypto.getTag(frame, ctx, tag));
      MemorySegment.copy(tag, ValueLayout.JAVA_BYTE, 0, to, at, Cryptography.TAG);
    }

    @Override
    public void close() {
      LibCrypto.cipherCtxFree(frame, ctx);
      arena.close();
      bounce.close();
      frame.close();
    }
  }

  static long object(long address) {
    if (address == 0) {
      throw new IllegalStateException("OpenSSL has no memory, or lacks the algorithm");
    }
    return address;
  }

  static void done(int result) {
    if (result != 1) {
      throw new IllegalStateException("OpenSSL refuses: " + result);
    }
  }
}
