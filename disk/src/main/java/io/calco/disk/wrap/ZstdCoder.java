package io.calco.disk.wrap;

import com.github.luben.zstd.ZstdCompressCtx;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.calco.disk.StreamCoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedDeque;

/// Packs into zstd frames of 2 MiB that tell their size: read anywhere, by all cores, and by any
/// zstd as one stream.
final class ZstdCoder implements StreamCoder {
  private static final int FRAME = 2 << 20;

  /// zstd's own default.
  private static final int LEVEL = 3;

  private final boolean nativeCode;
  private final ConcurrentLinkedDeque<ZstdCompressCtx> idle = new ConcurrentLinkedDeque<>();

  ZstdCoder() {
    this(ZstdStream.nativeCode());
  }

  /// @param nativeCode the native library, not pure Java
  ZstdCoder(boolean nativeCode) {
    this.nativeCode = nativeCode;
  }

  @Override
  public int pieceLength() {
    return FRAME;
  }

  @Override
  public MemorySegment code(MemorySegment piece) {
    byte[] plain = piece.toArray(ValueLayout.JAVA_BYTE);
    return nativeCode ? codeNative(plain) : codeJava(plain);
  }

  private MemorySegment codeNative(byte[] plain) {
    ZstdCompressCtx context = idle.poll();
    if (context == null) {
      context = new ZstdCompressCtx().setLevel(LEVEL).setChecksum(true).setContentSize(true);
    }
    byte[] packed = context.compress(plain);
    idle.push(context);
    return MemorySegment.ofArray(packed);
  }

  private static MemorySegment codeJava(byte[] plain) {
    ZstdJavaCompressor compressor = new ZstdJavaCompressor();
    byte[] packed = new byte[compressor.maxCompressedLength(plain.length)];
    int n = compressor.compress(plain, 0, plain.length, packed, 0, packed.length);
    return MemorySegment.ofArray(packed).asSlice(0, n);
  }

  /// A frame without content, so that an empty file gives a frame, too.
  @Override
  public MemorySegment end() {
    return code(MemorySegment.ofArray(new byte[0]));
  }
}
