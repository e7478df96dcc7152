package io.calco.fs.btrfs;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// How an extent's bytes are packed; in the order of its `compression` field.
enum Compression {
  NONE {
    @Override
    void unpack(byte[] packed, byte[] plain, int sector) {
      System.arraycopy(packed, 0, plain, 0, Math.min(packed.length, plain.length));
    }
  },
  ZLIB {
    @Override
    void unpack(byte[] packed, byte[] plain, int sector) throws IOException {
      try (Inflater inflater = new Inflater()) {
        inflater.setInput(packed);
        int done = 0;
        while (done < plain.length && !inflater.finished()) {
          int more = inflater.inflate(plain, done, plain.length - done);
          if (more == 0 && !inflater.finished()) {
            throw new IOException("zlib data ends early");
          }
          done += more;
        }
      } catch (DataFormatException e) {
        throw new IOException("not zlib data: " + e.getMessage(), e);
      }
    }
  },
  LZO {
    @Override
    void unpack(byte[] packed, byte[] plain, int sector) throws IOException {
      Lzo.unpackPieces(packed, plain, sector);
    }
  },
  ZSTD {
    @Override
    void unpack(byte[] packed, byte[] plain, int sector) throws IOException {
      if (NATIVE_ZSTD) {
        unpackNative(packed, plain);
      } else {
        unpackJava(packed, plain);
      }
    }
  };

  /// Most bytes that are packed together, and most that they are packed into.
  static final int MAX = 128 << 10;

  private static final boolean NATIVE_ZSTD = loadNative();

  /// Unpacks bytes, which may go on behind the packed ones' end.
  ///
  /// @param plain is filled; when there are fewer, the rest of it stays
  /// @param sector the file system's sector size
  /// @throws IOException when it is not packed so
  abstract void unpack(byte[] packed, byte[] plain, int sector) throws IOException;

  /// The kind that an extent's number means.
  static Compression numbered(int number) throws UnsupportedFeatureException {
    if (number >= values().length) {
      throw new UnsupportedFeatureException("btrfs file system: compression of kind " + number);
    }
    return values()[number];
  }

  private static boolean loadNative() {
    try {
      Native.load();
      return Native.isLoaded();
    } catch (LinkageError | RuntimeException e) {
      return false;
    }
  }

  private static void unpackNative(byte[] packed, byte[] plain) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(packed);
    ByteBuffer out = ByteBuffer.wrap(plain);
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      boolean finished = false;
      while (out.hasRemaining() && !finished) {
        int before = in.remaining() + out.remaining();
        finished = context.decompressByteBufferStream(out, in);
        if (!finished && in.remaining() + out.remaining() == before) {
          throw new IOException("zstd data ends early");
        }
      }
    } catch (ZstdException e) {
      throw new IOException("not zstd data: " + e.getMessage(), e);
    }
  }

  static void unpackJava(byte[] packed, byte[] plain) throws IOException {
    int length = ZstdFrame.length(packed);
    try {
      new ZstdJavaDecompressor().decompress(packed, 0, length, plain, 0, plain.length);
    } catch (MalformedInputException e) {
      throw new IOException("not zstd data: " + e.getMessage(), e);
    }
  }
}
