package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;
import static io.calco.disk.vmdk.SparseLayout.U64;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.deflate.DeflateNativeCompressor;
import io.airlift.compress.v3.deflate.DeflateNativeDecompressor;
import io.calco.disk.UnitPacker;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;
import java.util.zip.Adler32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// Compressed grains: deflate in zlib's container (RFC 1950), by libdeflate where it can be loaded,
/// else by the JDK.
///
/// A packed grain begins with its marker, whose disk sector is filled in when it is written, and
/// ends on a sector. What does not become smaller is packed all the same: the format has no other
/// way.
///
/// Thread rule: safe.
final class GrainCodec implements UnitPacker {
  /// The first that is smaller than what QEMU writes (zlib's 6, by 1 %), in a third of the time; 4
  /// is a fifth faster and larger than QEMU's.
  private static final int LEVEL = 5;

  private static final int ZLIB_HEAD = 2;
  private static final int ZLIB_TAIL = 4;

  /// Sectors of a usual grain that cannot be packed: its marker and two stored blocks of deflate.
  static final int STORED_SECTORS = SparseLayout.USUAL_GRAIN + 1;

  private static final Tools<DeflateNativeCompressor> COMPRESSORS =
      new Tools<>(() -> new DeflateNativeCompressor(LEVEL));
  private static final Tools<DeflateNativeDecompressor> DECOMPRESSORS =
      new Tools<>(DeflateNativeDecompressor::new);

  private final int grainBytes;
  private final boolean nativeCode;

  GrainCodec(int grainBytes) {
    this(grainBytes, DeflateNativeCompressor.isEnabled());
  }

  GrainCodec(int grainBytes, boolean nativeCode) {
    this.grainBytes = grainBytes;
    this.nativeCode = nativeCode;
  }

  /// Most bytes that a packed grain, its marker included, may have: what QEMU accepts.
  static int packedLimit(int grainBytes) {
    return 2 * grainBytes + SECTOR;
  }

  @Override
  public int unitLength() {
    return grainBytes;
  }

  @Override
  public Optional<MemorySegment> pack(MemorySegment grain) {
    byte[] out = nativeCode ? packNative(grain) : packJdk(grain);
    MemorySegment packed = MemorySegment.ofArray(out);
    int from = SparseLayout.MARKER_DATA;
    int length = packed.get(U32, SparseLayout.MARKER_SIZE);
    return Optional.of(packed.asSlice(0, sectors(from + length) * SECTOR));
  }

  /// Sectors that bytes take.
  static long sectors(long bytes) {
    return Math.ceilDiv(bytes, SECTOR);
  }

  private byte[] packNative(MemorySegment grain) {
    DeflateNativeCompressor compressor = COMPRESSORS.take();
    int most = compressor.maxCompressedLength(grainBytes);
    int from = SparseLayout.MARKER_DATA + ZLIB_HEAD;
    byte[] out = new byte[from + most + ZLIB_TAIL + SECTOR];
    MemorySegment packed = MemorySegment.ofArray(out);
    int length = compressor.compress(grain, packed.asSlice(from, most));
    COMPRESSORS.giveBack(compressor);
    // 32 KiB window, deflate; no dictionary, fast: RFC 1950, 2.2
    out[SparseLayout.MARKER_DATA] = 0x78;
    out[SparseLayout.MARKER_DATA + 1] = 0x5e;
    packed.set(
        ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN),
        from + length,
        checksum(grain));
    packed.set(U32, SparseLayout.MARKER_SIZE, ZLIB_HEAD + length + ZLIB_TAIL);
    return out;
  }

  private static int checksum(MemorySegment bytes) {
    Adler32 sum = new Adler32();
    sum.update(bytes.asByteBuffer());
    return (int) sum.getValue();
  }

  private byte[] packJdk(MemorySegment grain) {
    int from = SparseLayout.MARKER_DATA;
    byte[] out = new byte[packedLimit(grainBytes)];
    try (Deflater deflater = new Deflater()) {
      deflater.setInput(grain.asByteBuffer());
      deflater.finish();
      int length = deflater.deflate(out, from, out.length - from);
      MemorySegment.ofArray(out).set(U32, SparseLayout.MARKER_SIZE, length);
    }
    return out;
  }

  /// Fills in the disk sector of a packed grain.
  static void mark(MemorySegment packed, long diskSector) {
    packed.set(U64, SparseLayout.MARKER_VALUE, diskSector);
  }

  /// Unpacks zlib data.
  ///
  /// @param most bytes that the grain has on the disk: fewer than a grain at its end
  /// @throws IOException when the data are not zlib's or too few
  void unpack(MemorySegment packed, MemorySegment grain, int most) throws IOException {
    if (!nativeCode || !unpackNative(packed, grain)) {
      int length = unpackJdk(packed, grain);
      if (length < most) {
        throw new IOException("data end after %d bytes, expected %d".formatted(length, most));
      }
      grain.asSlice(length).fill((byte) 0);
    }
  }

  /// False when the JDK should judge: other headers, short grains, data behind the end.
  private static boolean unpackNative(MemorySegment packed, MemorySegment grain) {
    long length = packed.byteSize() - ZLIB_HEAD - ZLIB_TAIL;
    if (length <= 0 || (packed.get(SparseLayout.U8, 0) & 0xF) != 8) {
      return false;
    }
    DeflateNativeDecompressor decompressor = DECOMPRESSORS.take();
    try {
      return decompressor.decompress(packed.asSlice(ZLIB_HEAD, length), grain) == grain.byteSize()
          && checksum(grain)
              == packed.get(
                  ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN),
                  ZLIB_HEAD + length);
    } catch (MalformedInputException e) {
      return false;
    } finally {
      DECOMPRESSORS.giveBack(decompressor);
    }
  }

  private static int unpackJdk(MemorySegment packed, MemorySegment grain) throws IOException {
    try (Inflater inflater = new Inflater()) {
      inflater.setInput(packed.asByteBuffer());
      java.nio.ByteBuffer out = grain.asByteBuffer();
      while (out.hasRemaining() && !inflater.finished()) {
        if (inflater.inflate(out) == 0 && !inflater.finished()) {
          throw new IOException("data end after %d bytes".formatted(out.position()));
        }
      }
      return out.position();
    } catch (DataFormatException e) {
      throw new IOException("not zlib data: " + e.getMessage(), e);
    }
  }

  /// Native tools, which serve one thread at a time: as many are kept as processors could use.
  private static final class Tools<T> {
    private final ArrayBlockingQueue<T> idle =
        new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors());
    private final Supplier<T> maker;

    Tools(Supplier<T> maker) {
      this.maker = maker;
    }

    T take() {
      T one = idle.poll();
      return one == null ? maker.get() : one;
    }

    void giveBack(T one) {
      idle.offer(one);
    }
  }
}
