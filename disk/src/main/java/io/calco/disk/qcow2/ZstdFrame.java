package io.calco.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Finds where a Zstandard frame ends, for a decoder that takes nothing after it. Read: RFC 8878,
/// section 3.1.1.
final class ZstdFrame {
  private static final ValueLayout.OfInt U32_LITTLE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int MAGIC = 0xfd2fb528;
  private static final int[] DICTIONARY_ID_LENGTH = {0, 1, 2, 4};
  private static final int[] CONTENT_SIZE_LENGTH = {0, 2, 4, 8};
  private static final int BLOCK_RLE = 1;

  private ZstdFrame() {}

  /// Bytes in the frame that begins at `from`.
  ///
  /// @throws IOException when none begins there, or it does not end before the data does
  static int length(MemorySegment data, int from) throws IOException {
    try {
      if (data.get(U32_LITTLE, from) != MAGIC) {
        throw new IOException("no zstd frame at byte " + from);
      }
      return end(data, from) - from;
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("zstd data ends within a frame", e);
    }
  }

  private static int end(MemorySegment data, int from) {
    int descriptor = data.get(Qcow2Layout.U8, from + 4);
    boolean single = (descriptor >>> 5 & 1) != 0;
    boolean checksum = (descriptor >>> 2 & 1) != 0;
    int contentSize = CONTENT_SIZE_LENGTH[descriptor >>> 6 & 3];
    int at = from + 5 + DICTIONARY_ID_LENGTH[descriptor & 3];
    at += single ? Math.max(1, contentSize) : 1 + contentSize;
    boolean last = false;
    while (!last) {
      int header =
          Byte.toUnsignedInt(data.get(Qcow2Layout.U8, at))
              | Byte.toUnsignedInt(data.get(Qcow2Layout.U8, at + 1)) << 8
              | Byte.toUnsignedInt(data.get(Qcow2Layout.U8, at + 2)) << 16;
      last = (header & 1) != 0;
      at += 3 + ((header >>> 1 & 3) == BLOCK_RLE ? 1 : header >>> 3);
    }
    int end = at + (checksum ? 4 : 0);
    return java.util.Objects.checkIndex(end, Math.toIntExact(data.byteSize()) + 1);
  }
}
