package io.calco.disk;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.deflate.DeflateNativeDecompressor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.Adler32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Unpacks units that were packed with deflate (RFC 1951) or zlib (RFC 1950), each in one call:
/// with libdeflate where it can be loaded, else with the JDK's zlib.
///
/// Failures are an [IOException] that says what is wrong with the bytes; where they lie is the
/// caller's to say. Thread rule: safe for several threads at once.
public final class InflatedUnit {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /// Header and checksum of zlib.
  private static final int ZLIB_HEADER = 2;

  private static final int ZLIB_CHECKSUM = 4;
  private static final int POOL_MAX = 16;

  private static final ConcurrentLinkedQueue<DeflateNativeDecompressor> POOL =
      new ConcurrentLinkedQueue<>();

  private InflatedUnit() {}

  /// Fills `unit` from bare deflate data, which may go on after it.
  public static void deflate(MemorySegment packed, MemorySegment unit) throws IOException {
    if (!inflateNative(packed, unit)) {
      inflateJdk(packed, unit, true);
    }
  }

  /// Fills `unit` from zlib data, which must end with it and keep its checksum.
  public static void zlib(MemorySegment packed, MemorySegment unit) throws IOException {
    boolean header =
        packed.byteSize() > ZLIB_HEADER + ZLIB_CHECKSUM
            && (packed.get(ValueLayout.JAVA_BYTE, 0) & 0x0f) == 8
            && (packed.get(ValueLayout.JAVA_BYTE, 1) & 0x20) == 0
            && Short.toUnsignedInt(packed.get(U16, 0)) % 31 == 0;
    if (!header) {
      throw new IOException("not zlib data");
    }
    if (!exactNative(packed, unit)) {
      inflateJdk(packed, unit, false);
    }
  }

  /// True when libdeflate fills the unit and the checksum at the packed bytes' end is the unit's;
  /// bytes after the stream, and whatever is wrong, are left to the JDK's judgement.
  private static boolean exactNative(MemorySegment packed, MemorySegment unit) {
    long end = packed.byteSize() - ZLIB_CHECKSUM;
    if (!inflateNative(packed.asSlice(ZLIB_HEADER, end - ZLIB_HEADER), unit)) {
      return false;
    }
    Adler32 sum = new Adler32();
    for (long at = 0; at < unit.byteSize(); at += Integer.MAX_VALUE) {
      sum.update(
          unit.asSlice(at, Math.min(Integer.MAX_VALUE, unit.byteSize() - at)).asByteBuffer());
    }
    return (int) sum.getValue() == packed.get(U32, end);
  }

  private static boolean inflateNative(MemorySegment packed, MemorySegment unit) {
    if (!DeflateNativeDecompressor.isEnabled()) {
      return false;
    }
    DeflateNativeDecompressor decompressor = POOL.poll();
    if (decompressor == null) {
      decompressor = new DeflateNativeDecompressor();
    }
    try {
      return decompressor.decompress(packed, unit) == unit.byteSize();
    } catch (MalformedInputException e) {
      return false;
    } finally {
      if (POOL.size() < POOL_MAX) {
        POOL.add(decompressor);
      }
    }
  }

  private static void inflateJdk(MemorySegment packed, MemorySegment unit, boolean bare)
      throws IOException {
    try (Inflater inflater = new Inflater(bare)) {
      inflater.setInput(packed.asByteBuffer());
      ByteBuffer out = unit.asByteBuffer();
      while (out.hasRemaining()) {
        if (inflater.inflate(out) == 0) {
          throw new IOException(
              "deflate data ends after %d bytes, expected %d"
                  .formatted(out.position(), unit.byteSize()));
        }
      }
      if (!bare && !ends(inflater)) {
        throw new IOException("zlib data goes on after %d bytes".formatted(unit.byteSize()));
      }
    } catch (DataFormatException e) {
      throw new IOException("not deflate data: " + e.getMessage(), e);
    }
  }

  /// The end of the stream and its checksum may come after the last byte.
  private static boolean ends(Inflater inflater) throws DataFormatException {
    return inflater.finished() || (inflater.inflate(new byte[1]) == 0 && inflater.finished());
  }
}
