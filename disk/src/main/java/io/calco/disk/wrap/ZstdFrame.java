package io.calco.disk.wrap;

import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.OptionalLong;

/// A zstd frame as its headers describe it (RFC 8878): nothing is unpacked to know it.
///
/// @param end the first byte behind it
/// @param contentSize plain bytes, when its header says
/// @param lengthMax plain bytes at most; [Long#MAX_VALUE] when reading stopped before its end
/// @param skippable holds no plain bytes: meant for others
record ZstdFrame(long end, OptionalLong contentSize, long lengthMax, boolean skippable) {
  static final long MAGIC = 0xfd2f_b528L;

  private static final String HEADER = "zstd frame header";
  private static final long SKIPPABLE = 0x184d_2a50L;
  private static final long SKIPPABLE_MASK = 0xffff_fff0L;
  private static final int BLOCK_MAX = 128 << 10;

  /// Ours, what `zstd --long=27` writes: 128 MiB.
  private static final long WINDOW_MAX = 128 << 20;

  /// What follows in the file.
  static boolean skippable(long magic) {
    return (magic & SKIPPABLE_MASK) == SKIPPABLE;
  }

  /// Reads a frame's headers; `in` is left behind the frame, unless reading stops before.
  ///
  /// @param lengthLimit stop when the frame has more packed bytes, or may have more plain ones
  static ZstdFrame read(PackedInput in, long lengthLimit) throws IOException {
    long start = in.position();
    long magic = in.u32(HEADER);
    if (skippable(magic)) {
      in.skipNBytes(in.u32(HEADER), "zstd skippable frame");
      return new ZstdFrame(in.position(), OptionalLong.of(0), 0, true);
    }
    if (magic != MAGIC) {
      throw in.corrupt(HEADER, start, "%08x".formatted(magic), "%08x".formatted(MAGIC));
    }
    int descriptor = in.u8(HEADER);
    if ((descriptor & 8) != 0) {
      throw in.corrupt(HEADER, start + 4, "the reserved bit set", "it clear");
    }
    boolean single = (descriptor & 0x20) != 0;
    long window = single ? 0 : windowSize(in.u8(HEADER));
    long dictionary =
        switch (descriptor & 3) {
          case 0 -> 0;
          case 1 -> in.u8(HEADER);
          case 2 -> in.u16(HEADER);
          default -> in.u32(HEADER);
        };
    if (dictionary != 0) {
      throw new UnsupportedFeatureException(
          "%s: needs the zstd dictionary %d".formatted(in.file().name(), dictionary));
    }
    OptionalLong size =
        switch (descriptor >>> 6) {
          case 0 -> single ? OptionalLong.of(in.u8(HEADER)) : OptionalLong.empty();
          case 1 -> OptionalLong.of(in.u16(HEADER) + 256);
          case 2 -> OptionalLong.of(in.u32(HEADER));
          default -> OptionalLong.of(in.u64(HEADER));
        };
    if (size.isPresent() && size.getAsLong() < 0) {
      throw new LimitExceededException(
          "%s: a zstd frame of 2^63 bytes or more (our limit)".formatted(in.file().name()));
    }
    if (window > WINDOW_MAX) {
      throw new LimitExceededException(
          "%s: a zstd window of %d bytes, more than %d (our limit)"
              .formatted(in.file().name(), window, WINDOW_MAX));
    }
    return blocks(in, size, (descriptor & 4) != 0, lengthLimit);
  }

  private static long windowSize(int descriptor) {
    long base = 1L << 10 + (descriptor >>> 3);
    return base + (base >>> 3) * (descriptor & 7);
  }

  private static ZstdFrame blocks(
      PackedInput in, OptionalLong size, boolean checksum, long lengthLimit) throws IOException {
    long start = in.position();
    long lengthMax = 0;
    boolean last = false;
    while (!last) {
      if (size.orElse(lengthMax) > lengthLimit || in.position() - start > lengthLimit) {
        return new ZstdFrame(in.position(), size, Long.MAX_VALUE, false);
      }
      long at = in.position();
      int header = in.u16("zstd block") | in.u8("zstd block") << 16;
      int length = header >>> 3;
      int type = header >>> 1 & 3;
      if (type == 3 || length > BLOCK_MAX) {
        throw in.corrupt(
            "zstd block", at, "type %d, %d bytes".formatted(type, length), "0 to 2, 128 KiB");
      }
      in.skipNBytes(type == 1 ? 1 : length, "zstd block");
      lengthMax += type == 2 ? BLOCK_MAX : length;
      last = (header & 1) != 0;
    }
    in.skipNBytes(checksum ? 4 : 0, "zstd checksum");
    return new ZstdFrame(in.position(), size, size.orElse(lengthMax), false);
  }
}
