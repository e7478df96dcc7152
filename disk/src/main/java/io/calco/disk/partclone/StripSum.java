package io.calco.disk.partclone;

import io.airlift.compress.v3.xxhash.XxHash128;
import io.airlift.compress.v3.xxhash.XxHash3Hasher128;
import io.airlift.compress.v3.xxhash.XxHash3Native;
import io.airlift.compress.v3.xxhash.XxHash64Hasher;
import io.calco.disk.UnsupportedFeatureException;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32;

/// A checksum in the making. Confined.
sealed interface StripSum extends AutoCloseable {

  /// Begins anew.
  void restart();

  /// Takes the next bytes.
  void update(MemorySegment bytes);

  /// Writes the checksum of all bytes since the beginning; more may follow.
  void digest(MemorySegment dst);

  @Override
  void close();

  /// One of this kind, which is not [Checksum#NONE].
  static StripSum of(Checksum checksum) throws UnsupportedFeatureException {
    return switch (checksum) {
      case NONE -> throw new IllegalArgumentException("no checksum");
      case CRC32 -> new Crc();
      case XXH64 -> new Xxh64();
      case XXH128 -> {
        if (!XxHash3Native.isEnabled()) {
          throw new UnsupportedFeatureException(
              "XXH128 checksums need a native library that is not there for this machine");
        }
        yield new Xxh128();
      }
    };
  }

  /// The CRC of these bytes.
  static int crc(MemorySegment bytes) {
    Crc crc = new Crc();
    crc.update(bytes);
    return crc.value();
  }

  /// CRC-32, reflected, polynomial 0xEDB88320, beginning with all ones, without the last inversion:
  /// its value is its state.
  final class Crc implements StripSum {
    private static final int POLYNOMIAL = 0xEDB88320;

    private final CRC32 crc = new CRC32();

    @Override
    public void restart() {
      crc.reset();
    }

    /// Goes on from a value that was reached before.
    void restartFrom(int value) {
      crc.reset();
      int start = value;
      for (int i = 0; i < Integer.SIZE; i++) {
        start = start < 0 ? (start ^ POLYNOMIAL) << 1 | 1 : start << 1;
      }
      // These four bytes lead from all ones to the value.
      int word = ~start;
      for (int i = 0; i < Integer.BYTES; i++) {
        crc.update(word >>> i * Byte.SIZE);
      }
    }

    @Override
    public void update(MemorySegment bytes) {
      crc.update(bytes.asByteBuffer());
    }

    int value() {
      return ~(int) crc.getValue();
    }

    @Override
    public void digest(MemorySegment dst) {
      dst.set(PartcloneLayout.U32, 0, value());
    }

    @Override
    public void close() {}
  }

  /// XXH64 with seed 0.
  final class Xxh64 implements StripSum {
    private final XxHash64Hasher hash = XxHash64Hasher.create();

    @Override
    public void restart() {
      hash.reset();
    }

    @Override
    public void update(MemorySegment bytes) {
      hash.update(bytes);
    }

    @Override
    public void digest(MemorySegment dst) {
      dst.set(PartcloneLayout.U64, 0, hash.digest());
    }

    @Override
    public void close() {
      hash.close();
    }
  }

  /// XXH3 of 128 bits, the low half first.
  final class Xxh128 implements StripSum {
    private final XxHash3Hasher128 hash = XxHash3Native.newHasher128();

    @Override
    public void restart() {
      hash.reset();
    }

    @Override
    public void update(MemorySegment bytes) {
      hash.update(bytes);
    }

    @Override
    public void digest(MemorySegment dst) {
      XxHash128 value = hash.digest();
      dst.set(PartcloneLayout.U64, 0, value.low());
      dst.set(PartcloneLayout.U64, Long.BYTES, value.high());
    }

    @Override
    public void close() {
      hash.close();
    }
  }
}
