package io.calco.disk.qcow2;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Zstandard: the native library where it can be loaded, else pure Java.
final class ZstdCodec implements ClusterCodec {
  static final ZstdCodec INSTANCE = new ZstdCodec(loadNative());

  /// QEMU's.
  private static final int LEVEL = 3;

  private final boolean nativeCode;
  private final Pool<ZstdCompressCtx> compressors =
      new Pool<>(() -> new ZstdCompressCtx().setLevel(LEVEL));
  private final Pool<ZstdDecompressCtx> decompressors = new Pool<>(ZstdDecompressCtx::new);

  ZstdCodec(boolean nativeCode) {
    this.nativeCode = nativeCode;
  }

  private static boolean loadNative() {
    try {
      Native.load();
      return Native.isLoaded();
    } catch (LinkageError | RuntimeException e) {
      return false;
    }
  }

  @Override
  public Optional<MemorySegment> pack(MemorySegment cluster) {
    byte[] plain = cluster.toArray(Qcow2Layout.U8);
    byte[] packed = new byte[bound(plain.length)];
    int length = nativeCode ? packNative(plain, packed) : packJava(plain, packed);
    return length > 0 && length < plain.length
        ? Optional.of(MemorySegment.ofArray(packed).asSlice(0, length))
        : Optional.empty();
  }

  /// As ZSTD_compressBound.
  private static int bound(int length) {
    return length + (length >>> 8) + Math.max(0, (128 << 10) - length >>> 11) + 64;
  }

  private int packNative(byte[] plain, byte[] packed) {
    ZstdCompressCtx context = compressors.take();
    int length = context.compressByteArray(packed, 0, packed.length, plain, 0, plain.length);
    compressors.giveBack(context);
    return length;
  }

  private static int packJava(byte[] plain, byte[] packed) {
    return new ZstdJavaCompressor().compress(plain, 0, plain.length, packed, 0, packed.length);
  }

  @Override
  public void unpack(MemorySegment packed, MemorySegment cluster) throws IOException {
    if (nativeCode) {
      unpackNative(packed, cluster);
    } else {
      unpackJava(packed, cluster);
    }
  }

  private void unpackNative(MemorySegment packed, MemorySegment cluster) throws IOException {
    ZstdDecompressCtx context = decompressors.take();
    try {
      if (!unpackFrame(context, packed, cluster)) {
        unpackFrames(context, packed.asByteBuffer(), cluster.asByteBuffer());
      }
      decompressors.giveBack(context);
    } catch (ZstdException e) {
      throw new IOException("not zstd data: " + e.getMessage(), e);
    }
  }

  /// Unpacks a cluster that is one frame, as nearly all are, without the stream's own buffer; false
  /// when it is not.
  private static boolean unpackFrame(
      ZstdDecompressCtx context, MemorySegment packed, MemorySegment cluster) throws IOException {
    if (!(packed.heapBase().orElse(null) instanceof byte[] in) || !cluster.isNative()) {
      return false;
    }
    int from = Math.toIntExact(packed.address());
    int size = Math.toIntExact(cluster.byteSize());
    int frame = ZstdFrame.length(packed, 0);
    return context.decompressByteArrayToDirectByteBuffer(
            cluster.asByteBuffer(), 0, size, in, from, frame)
        == size;
  }

  private static void unpackFrames(ZstdDecompressCtx context, ByteBuffer packed, ByteBuffer out)
      throws IOException {
    boolean finished = false;
    while (out.hasRemaining() || !finished) {
      int before = packed.remaining() + out.remaining();
      finished = context.decompressByteBufferStream(out, packed);
      if (!finished && packed.remaining() + out.remaining() == before) {
        throw new IOException(
            "zstd data gives %d bytes, expected %d and the end of a frame"
                .formatted(out.position(), out.limit()));
      }
    }
  }

  private static void unpackJava(MemorySegment packed, MemorySegment cluster) throws IOException {
    ZstdJavaDecompressor decompressor = new ZstdJavaDecompressor();
    byte[] in = packed.toArray(Qcow2Layout.U8);
    byte[] plain = new byte[Math.toIntExact(cluster.byteSize())];
    int from = 0;
    int done = 0;
    try {
      while (done < plain.length) {
        int length = ZstdFrame.length(packed, from);
        done += decompressor.decompress(in, from, length, plain, done, plain.length - done);
        from += length;
      }
    } catch (MalformedInputException e) {
      throw new IOException("not zstd data: " + e.getMessage(), e);
    }
    MemorySegment.copy(plain, 0, cluster, Qcow2Layout.U8, 0, plain.length);
  }
}
