package io.calco.disk.vmdk;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Offsets, flags and layouts of the hosted sparse extent: "Virtual Disk Format 5.0", section
/// "Hosted Sparse Extents" and "Stream-Optimized Compressed Sparse Extents". All numbers are
/// little-endian, all places are in sectors of 512 bytes.
final class SparseLayout {
  static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int SECTOR = 512;

  /// "KDMV".
  static final int MAGIC_NUMBER = 0x564d444b;

  static final int MAGIC = 0;
  static final int VERSION = 4;
  static final int FLAGS = 8;
  static final int CAPACITY = 12;
  static final int GRAIN_SIZE = 20;
  static final int DESCRIPTOR_OFFSET = 28;
  static final int DESCRIPTOR_SIZE = 36;
  static final int ENTRIES_PER_TABLE = 44;
  static final int REDUNDANT_DIRECTORY = 48;
  static final int DIRECTORY = 56;
  static final int OVERHEAD = 64;
  static final int UNCLEAN_SHUTDOWN = 72;
  static final int LINE_ENDS = 73;
  static final int COMPRESSION = 77;

  static final int FLAG_LINE_ENDS = 1;
  static final int FLAG_REDUNDANT = 1 << 1;
  static final int FLAG_ZERO_GRAINS = 1 << 2;
  static final int FLAG_COMPRESSED = 1 << 16;
  static final int FLAG_MARKERS = 1 << 17;

  /// The upper half: a reader must know them all.
  static final int FLAGS_INCOMPATIBLE = 0xFFFF_0000;

  static final int COMPRESSION_DEFLATE = 1;

  /// The directory's place is in the footer.
  static final long DIRECTORY_AT_END = -1;

  /// What a grain table entry says of a grain that reads as zeroes, under FLAG_ZERO_GRAINS.
  static final int ENTRY_ZERO = 1;

  static final int MARKER_END = 0;
  static final int MARKER_TABLE = 1;
  static final int MARKER_DIRECTORY = 2;
  static final int MARKER_FOOTER = 3;

  /// Within a marker: sectors that follow, or the grain's first sector on the disk.
  static final int MARKER_VALUE = 0;

  /// Packed bytes; 0 in a metadata marker.
  static final int MARKER_SIZE = 8;

  static final int MARKER_TYPE = 12;

  /// Where a grain's packed bytes begin.
  static final int MARKER_DATA = 12;

  /// The line ends that a transfer as text would have spoiled, in order.
  static final byte[] LINE_END_BYTES = {'\n', ' ', '\r', '\n'};

  /// Spec: 512.
  static final int USUAL_ENTRIES = 512;

  /// Sectors in a grain of the images we make.
  static final int USUAL_GRAIN = 128;

  /// Ours: 4 EiB.
  static final long CAPACITY_LIMIT = 1L << 53;

  private SparseLayout() {}
}
