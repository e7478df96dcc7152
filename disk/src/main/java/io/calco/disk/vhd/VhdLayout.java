package io.calco.disk.vhd;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Where the fields of the footer and of the dynamic disk header lie, and the numbers that the
/// specification fixes. All values are big-endian.
final class VhdLayout {
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

  static final int SECTOR = 512;

  /// "conectix".
  static final long FOOTER_COOKIE_VALUE = 0x636f_6e65_6374_6978L;

  static final int FOOTER_LENGTH = 512;

  /// What Virtual PC wrote before 2004.
  static final int FOOTER_LENGTH_OLD = 511;

  static final long COOKIE = 0;
  static final long FEATURES = 8;
  static final long FILE_FORMAT_VERSION = 12;
  static final long DATA_OFFSET = 16;
  static final long TIME_STAMP = 24;
  static final long CREATOR_APPLICATION = 28;
  static final long CREATOR_VERSION = 32;
  static final long CREATOR_HOST_OS = 36;
  static final long ORIGINAL_SIZE = 40;
  static final long CURRENT_SIZE = 48;
  static final long CYLINDERS = 56;
  static final long HEADS = 58;
  static final long SECTORS_PER_TRACK = 59;
  static final long DISK_TYPE = 60;
  static final long CHECKSUM = 64;
  static final long UNIQUE_ID = 68;

  /// "cxsparse".
  static final long HEADER_COOKIE_VALUE = 0x6378_7370_6172_7365L;

  static final int HEADER_LENGTH = 1024;
  static final long TABLE_OFFSET = 16;
  static final long HEADER_VERSION = 24;
  static final long MAX_TABLE_ENTRIES = 28;
  static final long BLOCK_SIZE = 32;
  static final long HEADER_CHECKSUM = 36;
  static final long PARENT_UNIQUE_ID = 40;
  static final long PARENT_TIME_STAMP = 56;
  static final long PARENT_NAME = 64;
  static final int PARENT_NAME_LENGTH = 512;
  static final long PARENT_LOCATORS = 576;
  static final int LOCATORS = 8;
  static final int LOCATOR_LENGTH = 24;

  static final int VERSION_1_0 = 0x0001_0000;

  /// A block without host space.
  static final int UNUSED = 0xFFFF_FFFF;

  /// Spec and all implementations: 2040 GiB.
  static final long SIZE_MAX = 2040L << 30;

  /// Ours: blocks in a disk; 2040 GiB in blocks of 128 KiB.
  static final long BLOCKS_MAX = 16L << 20;

  /// Ours: bytes in a block, so that a sector bitmap stays small.
  static final int BLOCK_SIZE_MAX = 256 << 20;

  /// Seconds from 1970 to the format's epoch, 2000-01-01T00:00:00Z.
  static final long EPOCH = 946_684_800L;

  private VhdLayout() {}

  /// Rounds up to whole sectors.
  static long sectors(long bytes) {
    return Math.ceilDiv(bytes, SECTOR) * SECTOR;
  }
}
