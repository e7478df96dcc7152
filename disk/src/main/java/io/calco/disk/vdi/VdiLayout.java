package io.calco.disk.vdi;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Places and values in a VDI, all little-endian.
final class VdiLayout {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int SECTOR = 512;

  /// The fields, and what is read of them.
  static final int HEADER_LENGTH = 512;

  static final int TEXT_LENGTH = 64;
  static final int SIGNATURE = 0x40;
  static final int VERSION = 0x44;
  static final int HEADER_SIZE = 0x48;
  static final int TYPE = 0x4C;
  static final int TABLE_OFFSET = 0x154;
  static final int DATA_OFFSET = 0x158;
  static final int SECTOR_SIZE = 0x168;
  static final int DISK_SIZE = 0x170;
  static final int BLOCK_SIZE = 0x178;
  static final int BLOCK_EXTRA = 0x17C;
  static final int BLOCKS = 0x180;
  static final int BLOCKS_ALLOCATED = 0x184;
  static final int UUID_IMAGE = 0x188;
  static final int UUID_STATE = 0x198;
  static final int UUID_PARENT = 0x1A8;
  static final int UUID_PARENT_STATE = 0x1B8;

  static final int SIGNATURE_VALUE = 0xBEDA107F;
  static final int VERSION_1_1 = 0x0001_0001;

  /// VirtualBox's header of version 1.1, counted from its own length on.
  static final int HEADER_SIZE_VALUE = 400;

  static final int DYNAMIC = 1;
  static final int STATIC = 2;
  static final int UNDO = 3;
  static final int DIFFERENCING = 4;

  /// Table entries that are no block: never written, and known to be zeroes.
  static final int UNUSED = -1;

  static final int ZERO = -2;

  static final int MIB = 1 << 20;

  /// QEMU's, as its table has to fit in 4 GiB.
  static final long BLOCKS_MAX = 0x3FFF_FFFF;

  /// Ours: blocks of a disk that is written or verified; 64 TiB in blocks of 1 MiB, 8 MiB of
  /// memory.
  static final long BLOCKS_HELD_MAX = 1L << 26;

  private VdiLayout() {}

  /// True when a table entry is a block's number.
  static boolean isBlock(int entry) {
    return entry != UNUSED && entry != ZERO;
  }
}
