package io.calco.disk.partclone;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Where the fields of both headers lie, and the numbers that partclone fixes. All values are
/// little-endian; nothing is padded.
final class PartcloneLayout {
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

  /// Both versions begin with it; in version 2 a NUL follows.
  static final String MAGIC = "partclone-image";

  /// The version's four digits, at the same place in both headers.
  static final long VERSION = 30;

  static final int VERSION_LENGTH = 4;

  /// Version 2, "0002".
  static final class V2 {
    static final long TOOL_VERSION = 16;
    static final int TOOL_VERSION_LENGTH = 14;
    static final long ENDIANNESS = 34;
    static final long FILE_SYSTEM = 36;
    static final int FILE_SYSTEM_LENGTH = 16;
    static final long DEVICE_SIZE = 52;
    static final long TOTAL_BLOCKS = 60;
    static final long USED_BY_SUPERBLOCK = 68;
    static final long USED_BY_BITMAP = 76;
    static final long BLOCK_SIZE = 84;
    static final long OPTIONS_SIZE = 88;
    static final long IMAGE_VERSION = 92;
    static final long CPU_BITS = 94;
    static final long CHECKSUM_MODE = 96;
    static final long CHECKSUM_SIZE = 98;
    static final long BLOCKS_PER_CHECKSUM = 100;
    static final long RESEED = 104;
    static final long BITMAP_MODE = 105;
    static final long HEADER_CRC = 106;
    static final int LENGTH = 110;

    static final int SAME_ENDIANNESS = 0xC0DE;
    static final int OTHER_ENDIANNESS = 0xDEC0;
    static final int OPTIONS_LENGTH = 18;

    /// The bitmap's CRC, right after it.
    static final int BITMAP_CRC_LENGTH = 4;

    private V2() {}
  }

  /// Version 1, "0001".
  static final class V1 {
    static final long FILE_SYSTEM = 15;
    static final int FILE_SYSTEM_LENGTH = 15;
    static final long BLOCK_SIZE = 36;
    static final long TOTAL_BLOCKS = 48;
    static final int LENGTH = 4160;

    /// Right after the map.
    static final String MAP_END = "BiTmAgIc";

    private V1() {}
  }

  /// partclone: bytes in a block.
  static final int BLOCK_SIZE_MAX = 64 << 20;

  /// Ours: bytes in the map of used blocks; a version 2 image of 128 TiB in blocks of 4 KiB has so
  /// many.
  static final long MAP_BYTES_MAX = 4L << 30;

  private PartcloneLayout() {}
}
