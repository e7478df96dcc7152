package io.calco.fs.btrfs;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// Finds where a Zstandard frame ends, for a decoder that takes what follows for another one. Read:
/// RFC 8878, section 3.1.1.
final class ZstdFrame {
  private static final int MAGIC = 0xFD2FB528;
  private static final int[] DICTIONARY_BYTES = {0, 1, 2, 4};
  private static final int[] SIZE_BYTES = {0, 2, 4, 8};
  private static final int RUN = 1; // a block of one byte, repeated

  private ZstdFrame() {}

  /// Bytes in the frame that `packed` begins with.
  ///
  /// @throws IOException when it begins with none, or ends within it
  static int length(byte[] packed) throws IOException {
    try {
      if (LittleEndian.s32(packed, 0) != MAGIC) {
        throw new IOException("no zstd frame");
      }
      int descriptor = packed[4] & 0xFF;
      boolean single = (descriptor & 0x20) != 0;
      int size = SIZE_BYTES[descriptor >>> 6];
      int at = 5 + DICTIONARY_BYTES[descriptor & 3] + (single ? Math.max(1, size) : 1 + size);
      boolean last = false;
      while (!last) {
        int header = LittleEndian.u16(packed, at) | LittleEndian.u8(packed, at + 2) << 16;
        last = (header & 1) != 0;
        at += 3 + ((header >>> 1 & 3) == RUN ? 1 : header >>> 3);
      }
      int sum = (descriptor & 4) != 0 ? 4 : 0;
      return java.util.Objects.checkIndex(at + sum, packed.length + 1);
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("zstd data ends within a frame", e);
    }
  }
}
