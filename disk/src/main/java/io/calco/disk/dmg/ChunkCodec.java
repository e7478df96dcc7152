package io.calco.disk.dmg;

import io.airlift.compress.v3.bzip2.BZip2HadoopStreams;
import io.calco.disk.InflatedUnit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.tukaani.xz.XZInputStream;

/// Unpacks chunks. Failures are an [IOException] that says what is wrong with the bytes; where they
/// lie is the caller's to say. Thread rule: safe for several threads at once.
final class ChunkCodec {
  /// Ours: memory for an xz stream, in KiB; a dictionary is no use beyond the chunk.
  private static final int XZ_MEMORY_KIB = 80 << 10;

  private ChunkCodec() {}

  /// Fills `unit` from a packed chunk.
  static void unpack(ChunkType type, MemorySegment packed, MemorySegment unit) throws IOException {
    switch (type) {
      case ZLIB -> InflatedUnit.zlib(packed, unit);
      case ADC -> {
        byte[] out = new byte[Math.toIntExact(unit.byteSize())];
        Adc.unpack(packed.toArray(ValueLayout.JAVA_BYTE), out);
        unit.copyFrom(MemorySegment.ofArray(out));
      }
      case LZFSE -> {
        byte[] out = new byte[Math.toIntExact(unit.byteSize())];
        Lzfse.unpack(packed.toArray(ValueLayout.JAVA_BYTE), out);
        unit.copyFrom(MemorySegment.ofArray(out));
      }
      case BZIP2 -> {
        InputStream in = new ByteArrayInputStream(packed.toArray(ValueLayout.JAVA_BYTE));
        fill(new BZip2HadoopStreams().createInputStream(in), unit);
      }
      case LZMA -> {
        InputStream in = new ByteArrayInputStream(packed.toArray(ValueLayout.JAVA_BYTE));
        fill(new XZInputStream(in, XZ_MEMORY_KIB), unit);
      }
      case ZERO, RAW, IGNORED -> throw new IllegalStateException(type + " chunks are not packed");
    }
  }

  private static void fill(InputStream in, MemorySegment unit) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(unit.byteSize())];
    try (in) {
      int length = in.readNBytes(bytes, 0, bytes.length);
      if (length < bytes.length) {
        throw new IOException(
            "packed data ends after %d bytes, expected %d".formatted(length, bytes.length));
      }
    } catch (RuntimeException e) {
      // A decoder that trusts its input.
      throw new IOException("packed data is damaged", e);
    }
    unit.copyFrom(MemorySegment.ofArray(bytes));
  }
}
