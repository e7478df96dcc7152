package io.calco.disk.qcow;

import io.calco.disk.BackingReference;
import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The header, checked.
///
/// @param size virtual size in bytes
/// @param clusterBits the cluster size is 2 to this power
/// @param l2Bits an L2 table has 2 to this power entries
/// @param l1Offset where the L1 table lies
/// @param l1Entries entries in it
/// @param encrypted guest bytes are encrypted with AES
/// @param backing the image below
record QcowHeader(
    long size,
    int clusterBits,
    int l2Bits,
    long l1Offset,
    long l1Entries,
    boolean encrypted,
    Optional<BackingReference> backing) {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /// "QFI\xfb" and version 1.
  static final long MAGIC_AND_VERSION = 0x514649fb_00000001L;

  private static final long BACKING_FILE_OFFSET = 8;
  private static final long BACKING_FILE_SIZE = 16;
  private static final long SIZE = 24;
  private static final long CLUSTER_BITS = 32;
  private static final long L2_BITS = 33;
  private static final long CRYPT_METHOD = 36;
  private static final long L1_TABLE_OFFSET = 40;
  private static final int LENGTH = 48;

  private static final int CRYPT_AES = 1;

  /// QEMU: 512 bytes to 64 KiB in a cluster and in an L2 table.
  private static final int BITS_MIN = 9;

  private static final int BITS_MAX = 16;
  private static final int ENTRY_BITS = 3;

  /// QEMU: bytes in the backing file's name.
  private static final int BACKING_NAME_MAX = 1023;

  /// Ours: bytes in the L1 table, enough for 8 TiB in clusters of QEMU's default.
  private static final long L1_BYTES_MAX = 32L << 20;

  static QcowHeader read(HostFile file) throws IOException {
    if (file.size() < LENGTH) {
      throw CorruptImageException.at(
          file.name(), "qcow header", 0, file.size() + " bytes in the file", "at least " + LENGTH);
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[LENGTH]);
    file.read(0, bytes);
    Fields fields = new Fields(file, bytes);
    fields.expect(
        bytes.get(U64, 0) == MAGIC_AND_VERSION, "magic and version", 0, bytes.get(U64, 0), "1");
    int crypt = bytes.get(U32, CRYPT_METHOD);
    fields.expect(
        crypt == 0 || crypt == CRYPT_AES,
        "crypt_method",
        CRYPT_METHOD,
        Integer.toUnsignedLong(crypt),
        "0, 1");
    int clusterBits = bits(fields, "cluster_bits", CLUSTER_BITS, BITS_MIN, BITS_MAX);
    int l2Bits = bits(fields, "l2_bits", L2_BITS, BITS_MIN - ENTRY_BITS, BITS_MAX - ENTRY_BITS);
    long size = bytes.get(U64, SIZE);
    fields.expect(size > 1, "size", SIZE, size, "more than 1 and below 2^63");
    long l1Entries = (size - 1 >>> clusterBits + l2Bits) + 1;
    if (l1Entries > L1_BYTES_MAX / Long.BYTES) {
      throw new LimitExceededException(
          "%s: a virtual size of %d bytes needs %d L1 entries; at most %d are read (our limit)"
              .formatted(file.name(), size, l1Entries, L1_BYTES_MAX / Long.BYTES));
    }
    long l1Offset = bytes.get(U64, L1_TABLE_OFFSET);
    fields.expect(
        l1Offset >= LENGTH
            && l1Offset <= file.size()
            && l1Entries * Long.BYTES <= file.size() - l1Offset,
        "l1_table_offset",
        L1_TABLE_OFFSET,
        l1Offset,
        "a table of %d entries after the header, within the file".formatted(l1Entries));
    return new QcowHeader(
        size, clusterBits, l2Bits, l1Offset, l1Entries, crypt == CRYPT_AES, backing(fields));
  }

  private static int bits(Fields fields, String field, long at, int least, int most)
      throws IOException {
    int bits = Byte.toUnsignedInt(fields.bytes.get(ValueLayout.JAVA_BYTE, at));
    fields.expect(bits >= least && bits <= most, field, at, bits, least + " to " + most);
    return bits;
  }

  private static Optional<BackingReference> backing(Fields fields) throws IOException {
    long offset = fields.bytes.get(U64, BACKING_FILE_OFFSET);
    if (offset == 0) {
      return Optional.empty();
    }
    int length = fields.bytes.get(U32, BACKING_FILE_SIZE);
    fields.expect(
        length > 0 && length <= BACKING_NAME_MAX,
        "backing_file_size",
        BACKING_FILE_SIZE,
        Integer.toUnsignedLong(length),
        "1 to " + BACKING_NAME_MAX);
    fields.expect(
        offset >= LENGTH && offset <= fields.file.size() - length,
        "backing_file_offset",
        BACKING_FILE_OFFSET,
        offset,
        "after the header, within the file");
    byte[] name = new byte[length];
    fields.file.read(offset, MemorySegment.ofArray(name));
    return Optional.of(
        new BackingReference(new String(name, StandardCharsets.UTF_8), Optional.empty()));
  }

  int clusterSize() {
    return 1 << clusterBits;
  }

  int l2Entries() {
    return 1 << l2Bits;
  }

  private record Fields(HostFile file, MemorySegment bytes) {
    void expect(boolean holds, String field, long at, long found, String expected)
        throws CorruptImageException {
      if (!holds) {
        throw CorruptImageException.at(
            file.name(), "qcow " + field, at, "0x" + Long.toHexString(found), expected);
      }
    }
  }
}
