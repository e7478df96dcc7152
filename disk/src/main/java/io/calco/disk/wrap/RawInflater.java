package io.calco.disk.wrap;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.deflate.DeflateNativeDecompressor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Unpacks deflate streams whose lengths are known, whole: by libdeflate where it can be loaded,
/// else by the JDK's zlib. Thread rule: safe.
final class RawInflater {
  private static final boolean NATIVE = DeflateNativeDecompressor.isEnabled();

  private final ConcurrentLinkedDeque<DeflateNativeDecompressor> idle =
      new ConcurrentLinkedDeque<>();

  /// True when `packed` is one stream that fills `plain`.
  boolean unpack(MemorySegment packed, MemorySegment plain) {
    return NATIVE ? unpackNative(packed, plain) : unpackJdk(packed, plain);
  }

  private boolean unpackNative(MemorySegment packed, MemorySegment plain) {
    DeflateNativeDecompressor decompressor = idle.poll();
    if (decompressor == null) {
      decompressor = new DeflateNativeDecompressor();
    }
    try {
      return decompressor.decompress(packed, plain) == plain.byteSize();
    } catch (MalformedInputException e) {
      return false;
    } finally {
      idle.push(decompressor);
    }
  }

  private static boolean unpackJdk(MemorySegment packed, MemorySegment plain) {
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(packed.asByteBuffer());
      return inflater.inflate(plain.asByteBuffer()) == plain.byteSize();
    } catch (DataFormatException e) {
      return false;
    }
  }
}
