package io.calco.disk.wrap;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import io.calco.disk.BulkInput;
import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.io.InputStream;

/// Unpacks zstd frames, one after the other: by the native library where it can be loaded, else in
/// pure Java. Thread rule: confined.
final class ZstdStream extends BulkInput {
  /// log2 of the widest window, of `zstd --long=27`: 128 MiB.
  private static final int WINDOW_LOG_MAX = 27;

  private static final boolean NATIVE = loadNative();

  private final PackedInput packed;
  private final InputStream plain;

  private ZstdStream(PackedInput packed, InputStream plain) {
    this.packed = packed;
    this.plain = plain;
  }

  /// The plain bytes of the frames that `packed` holds to its end.
  static ZstdStream of(PackedInput packed) throws IOException {
    if (!NATIVE) {
      return new ZstdStream(packed, new ZstdInputStream(packed));
    }
    return new ZstdStream(packed, decoder(packed));
  }

  /// The native decoder, of windows up to ours.
  static InputStream decoder(InputStream packed) throws IOException {
    ZstdInputStreamNoFinalizer plain = new ZstdInputStreamNoFinalizer(packed);
    plain.setLongMax(WINDOW_LOG_MAX);
    return plain;
  }

  /// The native library could be loaded.
  static boolean nativeCode() {
    return NATIVE;
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
  public int read(byte[] dst, int offset, int length) throws IOException {
    try {
      return plain.read(dst, offset, length);
    } catch (ZstdIOException | MalformedInputException e) {
      throw new CorruptImageException(
          "%s: zstd data before 0x%x: %s"
              .formatted(packed.file().name(), packed.position(), e.getMessage()));
    }
  }

  @Override
  public void close() throws IOException {
    plain.close();
  }
}
