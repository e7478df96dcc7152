package io.calco.store;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/// Packs pieces with Zstandard (RFC 8878), a frame each; what hardly shrinks is kept as it is.
///
/// Thread rule: safe for several threads at once.
final class Codec {
  static final int RAW = 0;
  static final int ZSTD = 1;

  /// A piece is packed when that saves one part in this many: less is not worth the unpacking.
  private static final int WORTH = 32;

  private static final int KEPT = 16;

  private static final class Packer {
    final ZstdCompressCtx context;
    final byte[] out;

    Packer(ZstdCompressCtx context, byte[] out) {
      this.context = context;
      this.out = out;
    }
  }

  private final int level;
  private final ArrayBlockingQueue<Packer> packers = new ArrayBlockingQueue<>(KEPT);
  private static final ArrayBlockingQueue<ZstdDecompressCtx> UNPACKERS =
      new ArrayBlockingQueue<>(KEPT);

  /// Takes a piece as it is stored.
  interface PackedSink {
    /// @param codec [#RAW] or [#ZSTD]
    /// @param bytes hold it; they are others' again when this returns
    /// @param length how many of them, from the first
    void take(int codec, byte[] bytes, int length);
  }

  /// @param level of Zstandard
  Codec(int level) {
    this.level = level;
  }

  /// Packs the first `length` bytes.
  ///
  /// @return how many came of it
  int pack(byte[] plain, int length, PackedSink sink) {
    if (Noise.fills(plain, length)) {
      sink.take(RAW, plain, length);
      return length;
    }
    int bound = length + (length >>> 8) + 1024;
    Packer packer = packers.poll();
    if (packer == null || packer.out.length < bound) {
      if (packer != null) {
        packer.context.close();
      }
      packer = new Packer(new ZstdCompressCtx().setLevel(level), new byte[bound]);
    }
    int packed =
        packer.context.compressByteArray(packer.out, 0, packer.out.length, plain, 0, length);
    boolean worth = packed <= length - Math.ceilDiv(length, WORTH);
    if (worth) {
      sink.take(ZSTD, packer.out, packed);
    } else {
      sink.take(RAW, plain, length);
    }
    if (!packers.offer(packer)) {
      packer.context.close();
    }
    return worth ? packed : length;
  }

  /// Bytes are not what [#pack] makes; the message says what they are.
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedException(String what) {
      super(what);
    }
  }

  /// Unpacks to exactly `length` bytes.
  static byte[] unpack(int codec, byte[] packed, int length) throws DamagedException {
    return switch (codec) {
      case RAW -> {
        checkRaw(packed.length, length);
        yield packed;
      }
      case ZSTD -> unzstd(packed, length);
      default -> throw unknown(codec);
    };
  }

  private static void checkRaw(int packed, int length) throws DamagedException {
    if (packed != length) {
      throw new DamagedException(packed + " bytes, expected " + length);
    }
  }

  private static DamagedException unknown(int codec) {
    return new DamagedException("packed by method " + codec + ", which is not known");
  }

  private static byte[] unzstd(byte[] packed, int length) throws DamagedException {
    byte[] plain = new byte[length];
    unzstd(
        length, context -> context.decompressByteArray(plain, 0, length, packed, 0, packed.length));
    return plain;
  }

  /// Unpacks all that remains in `packed` to fill what remains in `room`; both lie outside the
  /// heap, and keep their positions.
  ///
  /// @return the one of them that holds the bytes: what is not packed stays where it is
  static ByteBuffer unpack(int codec, ByteBuffer packed, ByteBuffer room) throws DamagedException {
    int length = room.remaining();
    return switch (codec) {
      case RAW -> {
        checkRaw(packed.remaining(), length);
        yield packed;
      }
      case ZSTD -> {
        unzstd(
            length,
            context ->
                context.decompressDirectByteBuffer(
                    room, room.position(), length, packed, packed.position(), packed.remaining()));
        yield room;
      }
      default -> throw unknown(codec);
    };
  }

  private interface Unpacking {
    int with(ZstdDecompressCtx context);
  }

  private static void unzstd(int length, Unpacking unpacking) throws DamagedException {
    ZstdDecompressCtx context = UNPACKERS.poll();
    if (context == null) {
      context = new ZstdDecompressCtx();
    }
    try {
      int done = unpacking.with(context);
      if (done != length) {
        throw new DamagedException(done + " bytes unpacked, expected " + length);
      }
    } catch (ZstdException e) {
      throw new DamagedException("not zstd data: " + e.getMessage());
    } finally {
      if (!UNPACKERS.offer(context)) {
        context.close();
      }
    }
  }
}
