package io.calco.fs.squashfs;

import io.airlift.compress.v3.Decompressor;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import io.airlift.compress.v3.lzo.LzoDecompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.tukaani.xz.SingleXZInputStream;

/// How blocks are packed.
enum Compression {
  GZIP {
    @Override
    int unpack(byte[] packed, byte[] plain) throws CorruptImageException {
      Inflater inflater = new Inflater();
      try {
        inflater.setInput(packed);
        int length = 0;
        while (length < plain.length && !inflater.finished()) {
          int more = inflater.inflate(plain, length, plain.length - length);
          if (more == 0 && !inflater.finished()) {
            throw damaged("deflate");
          }
          length += more;
        }
        return length;
      } catch (DataFormatException _) {
        throw damaged("deflate");
      } finally {
        inflater.end();
      }
    }
  },
  LZO {
    @Override
    int unpack(byte[] packed, byte[] plain) throws CorruptImageException {
      return by(new LzoDecompressor(), packed, plain, "lzo");
    }
  },
  XZ {
    @Override
    int unpack(byte[] packed, byte[] plain) throws CorruptImageException {
      try (SingleXZInputStream in =
          new SingleXZInputStream(new ByteArrayInputStream(packed), MEMORY_KIB)) {
        int length = 0;
        while (length < plain.length) {
          int more = in.read(plain, length, plain.length - length);
          if (more < 0) {
            break;
          }
          length += more;
        }
        return length;
      } catch (IOException _) {
        throw damaged("xz");
      }
    }
  },
  LZ4 {
    @Override
    int unpack(byte[] packed, byte[] plain) throws CorruptImageException {
      return by(new Lz4JavaDecompressor(), packed, plain, "lz4");
    }
  },
  ZSTD {
    @Override
    int unpack(byte[] packed, byte[] plain) throws CorruptImageException {
      return by(new ZstdJavaDecompressor(), packed, plain, "zstd");
    }
  };

  private static final int MEMORY_KIB = 16 << 10; // ours: a block is at most 1 MiB

  /// Unpacks one block.
  ///
  /// @param plain takes at most its length
  /// @return bytes that came out
  abstract int unpack(byte[] packed, byte[] plain) throws CorruptImageException;

  static int by(Decompressor decompressor, byte[] packed, byte[] plain, String name)
      throws CorruptImageException {
    try {
      return decompressor.decompress(packed, 0, packed.length, plain, 0, plain.length);
    } catch (MalformedInputException | IndexOutOfBoundsException | IllegalArgumentException _) {
      throw damaged(name);
    }
  }

  static CorruptImageException damaged(String name) {
    return new CorruptImageException("squashfs: a block that is no %s data".formatted(name));
  }

  /// The one of a number in the superblock.
  static Compression of(int number) throws UnsupportedFeatureException {
    return switch (number) {
      case 1 -> GZIP;
      case 3 -> LZO;
      case 4 -> XZ;
      case 5 -> LZ4;
      case 6 -> ZSTD;
      default ->
          throw new UnsupportedFeatureException(
              "squashfs: packed by %s"
                  .formatted(number == 2 ? "lzma" : "an unknown compressor, " + number));
    };
  }
}
