package io.calco.disk.qed;

import io.calco.disk.BackingReference;
import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The header, checked.
///
/// @param clusterSize bytes in a cluster, a power of two
/// @param tableClusters clusters in an L1 or L2 table, a power of two
/// @param headerBytes bytes in the clusters of the header
/// @param needsCheck the image was not closed in order
/// @param l1Offset where the L1 table lies
/// @param size virtual size in bytes
/// @param fileSize whole clusters of the file, in bytes
/// @param backing the image below
record QedHeader(
    int clusterSize,
    int tableClusters,
    long headerBytes,
    boolean needsCheck,
    long l1Offset,
    long size,
    long fileSize,
    Optional<BackingReference> backing) {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// "QED\0".
  static final int MAGIC = 0x00444551;

  private static final long CLUSTER_SIZE = 4;
  private static final long TABLE_SIZE = 8;
  private static final long HEADER_SIZE = 12;
  private static final long FEATURES = 16;
  private static final long L1_TABLE_OFFSET = 40;
  private static final long IMAGE_SIZE = 48;
  private static final long BACKING_FILENAME_OFFSET = 56;
  private static final long BACKING_FILENAME_SIZE = 60;
  private static final int LENGTH = 64;

  private static final long FEATURE_BACKING_FILE = 1;
  private static final long FEATURE_NEED_CHECK = 1 << 1;
  private static final long FEATURE_BACKING_RAW = 1 << 2;
  private static final long FEATURES_KNOWN =
      FEATURE_BACKING_FILE | FEATURE_NEED_CHECK | FEATURE_BACKING_RAW;

  /// Spec: bytes in a cluster, clusters in a table.
  private static final int CLUSTER_SIZE_MIN = 1 << 12;

  private static final int CLUSTER_SIZE_MAX = 1 << 26;
  private static final int TABLE_SIZE_MAX = 16;

  /// QEMU: bytes in the backing file's name.
  private static final int BACKING_NAME_MAX = 1023;

  private static final int SECTOR = 512;

  static QedHeader read(HostFile file) throws IOException {
    if (file.size() < LENGTH) {
      throw CorruptImageException.at(
          file.name(), "QED header", 0, file.size() + " bytes in the file", "at least " + LENGTH);
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[LENGTH]);
    file.read(0, bytes);
    return new Reader(file, bytes).read();
  }

  /// Entries in an L1 or L2 table.
  int tableEntries() {
    return Math.toIntExact((long) clusterSize * tableClusters / Long.BYTES);
  }

  /// True when a cluster may lie at this host offset.
  boolean isCluster(long offset) {
    return offset % clusterSize == 0 && offset >= headerBytes && offset < fileSize;
  }

  /// True when a table may lie at this host offset.
  boolean isTable(long offset) {
    return isCluster(offset) && (long) tableClusters * clusterSize <= fileSize - offset;
  }

  private record Reader(HostFile file, MemorySegment bytes) {
    QedHeader read() throws IOException {
      expect(u32(0) == MAGIC, "magic", 0, u32(0), "QED");
      checkFeatures(u64(FEATURES));
      long cluster = u32(CLUSTER_SIZE);
      expect(
          cluster >= CLUSTER_SIZE_MIN && cluster <= CLUSTER_SIZE_MAX && Long.bitCount(cluster) == 1,
          "cluster_size",
          CLUSTER_SIZE,
          cluster,
          "a power of two from 4 KiB to 64 MiB");
      long table = u32(TABLE_SIZE);
      expect(
          table >= 1 && table <= TABLE_SIZE_MAX && Long.bitCount(table) == 1,
          "table_size",
          TABLE_SIZE,
          table,
          "1, 2, 4, 8 or 16 clusters");
      long headerClusters = u32(HEADER_SIZE);
      expect(headerClusters >= 1, "header_size", HEADER_SIZE, headerClusters, "1 or more");
      long size = u64(IMAGE_SIZE);
      long entries = cluster * table / Long.BYTES;
      long most = clamped(entries, clamped(entries, cluster));
      expect(
          size >= 0 && size % SECTOR == 0 && size <= most,
          "image_size",
          IMAGE_SIZE,
          size,
          "a multiple of 512 up to " + most);
      QedHeader header =
          new QedHeader(
              (int) cluster,
              (int) table,
              headerClusters * cluster,
              (u64(FEATURES) & FEATURE_NEED_CHECK) != 0,
              u64(L1_TABLE_OFFSET),
              size,
              file.size() / cluster * cluster,
              backing(headerClusters * cluster));
      expect(
          header.isTable(header.l1Offset),
          "l1_table_offset",
          L1_TABLE_OFFSET,
          header.l1Offset,
          "a table after the header, within the file");
      return header;
    }

    private static long clamped(long one, long other) {
      return Math.multiplyHigh(one, other) == 0 && one * other >= 0 ? one * other : Long.MAX_VALUE;
    }

    private void checkFeatures(long features) throws UnsupportedFeatureException {
      long unknown = features & ~FEATURES_KNOWN;
      if (unknown != 0) {
        throw new UnsupportedFeatureException(
            "%s: unknown incompatible features: 0x%x".formatted(file.name(), unknown));
      }
    }

    private Optional<BackingReference> backing(long headerBytes) throws IOException {
      if ((u64(FEATURES) & FEATURE_BACKING_FILE) == 0) {
        return Optional.empty();
      }
      long offset = u32(BACKING_FILENAME_OFFSET);
      long length = u32(BACKING_FILENAME_SIZE);
      expect(
          length >= 1 && length <= BACKING_NAME_MAX,
          "backing_filename_size",
          BACKING_FILENAME_SIZE,
          length,
          "1 to " + BACKING_NAME_MAX);
      expect(
          offset + length <= Math.min(headerBytes, file.size()),
          "backing_filename_offset",
          BACKING_FILENAME_OFFSET,
          offset,
          "a name within the header's clusters");
      byte[] name = new byte[(int) length];
      file.read(offset, MemorySegment.ofArray(name));
      boolean raw = (u64(FEATURES) & FEATURE_BACKING_RAW) != 0;
      return Optional.of(
          new BackingReference(
              new String(name, StandardCharsets.UTF_8),
              raw ? Optional.of("raw") : Optional.empty()));
    }

    private long u32(long field) {
      return Integer.toUnsignedLong(bytes.get(U32, field));
    }

    private long u64(long field) {
      return bytes.get(U64, field);
    }

    private void expect(boolean holds, String field, long at, long found, String expected)
        throws CorruptImageException {
      if (!holds) {
        throw CorruptImageException.at(
            file.name(), "QED " + field, at, "0x" + Long.toHexString(found), expected);
      }
    }
  }
}
