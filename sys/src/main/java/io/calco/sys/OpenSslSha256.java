package io.calco.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// SHA-256 by OpenSSL. Confined to one thread.
final class OpenSslSha256 extends MessageDigest {
  private static final int LENGTH = 32;

  private final MemorySegment context = newContext();

  OpenSslSha256() {
    super("SHA-256");
    engineReset();
  }

  /// Freed when nobody has it any more.
  private static MemorySegment newContext() {
    try (CallFrame frame = CallFrame.take()) {
      long address = OpenSsl.object(LibCrypto.mdCtxNew(frame));
      return MemorySegment.ofAddress(address).reinterpret(Arena.ofAuto(), OpenSslSha256::free);
    }
  }

  private static void free(MemorySegment context) {
    try (CallFrame frame = CallFrame.take()) {
      LibCrypto.mdCtxFree(frame, context.address());
    }
  }

  @Override
  protected int engineGetDigestLength() {
    return LENGTH;
  }

  @Override
  protected void engineReset() {
    try (CallFrame frame = CallFrame.take()) {
      OpenSsl.done(LibCrypto.digestInit(frame, context.address(), LibCrypto.sha256(frame)));
    } finally {
      Reference.reachabilityFence(context);
    }
  }

  @Override
  protected void engineUpdate(byte input) {
    engineUpdate(new byte[] {input}, 0, 1);
  }

  @Override
  protected void engineUpdate(byte[] input, int offset, int length) {
    hash(MemorySegment.ofArray(input).asSlice(offset, length));
  }

  @Override
  protected void engineUpdate(ByteBuffer input) {
    hash(MemorySegment.ofBuffer(input));
    input.position(input.limit());
  }

  private void hash(MemorySegment bytes) {
    try (CallFrame frame = CallFrame.take();
        BounceBuffer bounce = BounceBuffer.take()) {
      OpenSsl.digest(frame, context.address(), bounce, bytes);
    } finally {
      Reference.reachabilityFence(context);
    }
  }

  @Override
  protected byte[] engineDigest() {
    try (CallFrame frame = CallFrame.take()) {
      MemorySegment md = frame.arguments().asSlice(0, LENGTH);
      OpenSsl.done(LibCrypto.digestFinal(frame, context.address(), md));
      byte[] digest = md.toArray(ValueLayout.JAVA_BYTE);
      engineReset();
      return digest;
    } finally {
      Reference.reachabilityFence(context);
    }
  }
}
