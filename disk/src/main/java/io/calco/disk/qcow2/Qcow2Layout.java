package io.calco.disk.qcow2;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Where the fields of the header lie, and the numbers that the specification and QEMU fix. All
/// values in a qcow2 file are big-endian.
final class Qcow2Layout {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

  /// "QFI\xfb".
  static final int MAGIC_NUMBER = 0x514649fb;

  static final long MAGIC = 0;
  static final long VERSION = 4;
  static final long BACKING_FILE_OFFSET = 8;
  static final long BACKING_FILE_SIZE = 16;
  static final long CLUSTER_BITS = 20;
  static final long SIZE = 24;
  static final long CRYPT_METHOD = 32;
  static final long L1_SIZE = 36;
  static final long L1_TABLE_OFFSET = 40;
  static final long REFCOUNT_TABLE_OFFSET = 48;
  static final long REFCOUNT_TABLE_CLUSTERS = 56;
  static final long NB_SNAPSHOTS = 60;
  static final long SNAPSHOTS_OFFSET = 64;
  static final long INCOMPATIBLE_FEATURES = 72;
  static final long COMPATIBLE_FEATURES = 80;
  static final long AUTOCLEAR_FEATURES = 88;
  static final long REFCOUNT_ORDER = 96;
  static final long HEADER_LENGTH = 100;
  static final long COMPRESSION_TYPE = 104;

  static final int HEADER_LENGTH_V2 = 72;
  static final int HEADER_LENGTH_V3_MIN = 104;
  static final int HEADER_LENGTH_V3 = 112;

  /// Spec: at least 9. QEMU: at most 21.
  static final int CLUSTER_BITS_MIN = 9;

  static final int CLUSTER_BITS_MAX = 21;

  /// QEMU: so that a subcluster has 512 bytes at least.
  static final int CLUSTER_BITS_MIN_EXTENDED = 14;

  static final int SUBCLUSTERS = 32;

  /// QEMU: bytes in an L1 table.
  static final long L1_BYTES_MAX = 32L << 20;

  /// QEMU: bytes in the refcount table.
  static final long REFCOUNT_TABLE_BYTES_MAX = 8L << 20;

  /// QEMU: internal snapshots, bytes in their table, and bytes of extra data in one.
  static final int SNAPSHOTS_MAX = 65536;

  static final long SNAPSHOT_TABLE_BYTES_MAX = 64L << 20;
  static final int SNAPSHOT_EXTRA_MAX = 1024;

  /// Spec: bytes in the backing file's name.
  static final int BACKING_NAME_MAX = 1023;

  static final int EXTENSION_END = 0;
  static final int EXTENSION_BACKING_FORMAT = 0xe2792aca;
  static final int EXTENSION_FEATURE_NAMES = 0x6803f857;
  static final int EXTENSION_BITMAPS = 0x23852875;
  static final int EXTENSION_CRYPTO = 0x0537be77;
  static final int EXTENSION_DATA_FILE = 0x44415441;

  static final long INCOMPATIBLE_DIRTY = 1;
  static final long INCOMPATIBLE_CORRUPT = 1 << 1;
  static final long INCOMPATIBLE_DATA_FILE = 1 << 2;
  static final long INCOMPATIBLE_COMPRESSION = 1 << 3;
  static final long INCOMPATIBLE_EXTENDED_L2 = 1 << 4;
  static final long COMPATIBLE_LAZY_REFCOUNTS = 1;
  static final long AUTOCLEAR_BITMAPS = 1;
  static final long AUTOCLEAR_RAW_DATA = 1 << 1;

  static final int CRYPT_NONE = 0;
  static final int CRYPT_AES = 1;
  static final int CRYPT_LUKS = 2;

  /// Ours: bytes before the payload of a LUKS volume.
  static final long CRYPTO_BYTES_MAX = 32L << 20;

  static final int COMPRESSION_ZLIB = 0;
  static final int COMPRESSION_ZSTD = 1;

  private Qcow2Layout() {}
}
