package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U32;
import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a header and judges every field before anything is made of it, as strictly as QEMU or
/// more.
final class HeaderReader {
  private static final long KNOWN_INCOMPATIBLE =
      Qcow2Layout.INCOMPATIBLE_DIRTY
          | Qcow2Layout.INCOMPATIBLE_CORRUPT
          | Qcow2Layout.INCOMPATIBLE_DATA_FILE
          | Qcow2Layout.INCOMPATIBLE_COMPRESSION
          | Qcow2Layout.INCOMPATIBLE_EXTENDED_L2;

  private final HostFile file;
  private final long fileSize;
  private MemorySegment bytes = MemorySegment.NULL;

  private HeaderReader(HostFile file) throws IOException {
    this.file = file;
    this.fileSize = file.size();
  }

  /// Reads and judges the header of `file`.
  static Qcow2Header read(HostFile file) throws IOException {
    return new HeaderReader(file).read();
  }

  private Qcow2Header read() throws IOException {
    readBytes(Qcow2Layout.HEADER_LENGTH_V2);
    int magic = bytes.get(U32, Qcow2Layout.MAGIC);
    expect(
        magic == Qcow2Layout.MAGIC_NUMBER,
        "magic",
        Qcow2Layout.MAGIC,
        "0x%08x".formatted(magic),
        "0x514649fb");
    int version = bytes.get(U32, Qcow2Layout.VERSION);
    if (version != 2 && version != 3) {
      throw new FormatVersionException(
          "%s: qcow2 version %s; known are 2 and 3"
              .formatted(file.name(), Integer.toUnsignedString(version)));
    }
    int clusterBits = bytes.get(U32, Qcow2Layout.CLUSTER_BITS);
    expect(
        clusterBits >= Qcow2Layout.CLUSTER_BITS_MIN && clusterBits <= Qcow2Layout.CLUSTER_BITS_MAX,
        "cluster_bits",
        Qcow2Layout.CLUSTER_BITS,
        Integer.toUnsignedString(clusterBits),
        "9 to 21");
    readBytes(Math.min(1 << clusterBits, fileSize));
    int headerLength = headerLength(version, clusterBits);
    long incompatible = version == 2 ? 0 : bytes.get(U64, Qcow2Layout.INCOMPATIBLE_FEATURES);
    int order = version == 2 ? 4 : bytes.get(U32, Qcow2Layout.REFCOUNT_ORDER);
    expect(
        order >= 0 && order <= 6,
        "refcount_order",
        Qcow2Layout.REFCOUNT_ORDER,
        Integer.toUnsignedString(order),
        "0 to 6");
    boolean extended = (incompatible & Qcow2Layout.INCOMPATIBLE_EXTENDED_L2) != 0;
    expect(
        !extended || clusterBits >= Qcow2Layout.CLUSTER_BITS_MIN_EXTENDED,
        "cluster_bits with extended L2 entries",
        Qcow2Layout.CLUSTER_BITS,
        clusterBits,
        "at least 14");
    Geometry geometry = new Geometry(version, clusterBits, order, extended);
    long nameOffset = backingName(clusterBits, headerLength);
    List<HeaderExtension> extensions =
        extensions(headerLength, nameOffset == 0 ? bytes.byteSize() : nameOffset);
    Qcow2Header header = new Qcow2Header(file, bytes, geometry, extensions);
    features(header, incompatible, headerLength);
    tables(header);
    return header;
  }

  private void readBytes(long length) throws IOException {
    if (fileSize < length) {
      throw CorruptImageException.at(
          file.name(), "qcow2 header", 0, fileSize + " bytes in the file", "at least " + length);
    }
    bytes = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    file.read(0, bytes);
  }

  private int headerLength(int version, int clusterBits) throws IOException {
    if (version == 2) {
      return Qcow2Layout.HEADER_LENGTH_V2;
    }
    if (fileSize < Qcow2Layout.HEADER_LENGTH_V3_MIN) {
      readBytes(Qcow2Layout.HEADER_LENGTH_V3_MIN);
    }
    int length = bytes.get(U32, Qcow2Layout.HEADER_LENGTH);
    expect(
        length >= Qcow2Layout.HEADER_LENGTH_V3_MIN
            && length <= 1 << clusterBits
            && length <= bytes.byteSize(),
        "header_length",
        Qcow2Layout.HEADER_LENGTH,
        Integer.toUnsignedString(length),
        "104 to the cluster size, within the file");
    return length;
  }

  /// The backing name's offset, or 0.
  private long backingName(int clusterBits, int headerLength) throws IOException {
    long offset = bytes.get(U64, Qcow2Layout.BACKING_FILE_OFFSET);
    int length = bytes.get(U32, Qcow2Layout.BACKING_FILE_SIZE);
    if (offset == 0) {
      return 0;
    }
    expect(
        offset >= headerLength && offset <= 1L << clusterBits && offset <= bytes.byteSize(),
        "backing_file_offset",
        Qcow2Layout.BACKING_FILE_OFFSET,
        hex(Qcow2Layout.BACKING_FILE_OFFSET),
        "after the header, within the first cluster");
    long most = Math.min(Qcow2Layout.BACKING_NAME_MAX, bytes.byteSize() - offset);
    expect(
        length >= 0 && length <= most,
        "backing_file_size",
        Qcow2Layout.BACKING_FILE_SIZE,
        Integer.toUnsignedString(length),
        "at most " + most);
    return offset;
  }

  private List<HeaderExtension> extensions(long from, long end) throws IOException {
    List<HeaderExtension> found = new ArrayList<>();
    long at = from;
    while (end - at >= 8) {
      int type = bytes.get(U32, at);
      long length = Integer.toUnsignedLong(bytes.get(U32, at + 4));
      if (type == Qcow2Layout.EXTENSION_END) {
        break;
      }
      expect(
          length <= end - at - 8,
          "header extension 0x" + Integer.toHexString(type),
          at,
          length + " bytes",
          "at most " + (end - at - 8));
      found.add(new HeaderExtension(type, bytes.asSlice(at + 8, length)));
      at += 8 + (length + 7) / 8 * 8;
    }
    return found;
  }

  private void features(Qcow2Header header, long incompatible, int headerLength)
      throws IOException {
    @Nullable HeaderExtension names = header.extension(Qcow2Layout.EXTENSION_FEATURE_NAMES);
    long unknown = incompatible & ~KNOWN_INCOMPATIBLE;
    if (unknown != 0) {
      throw new UnsupportedFeatureException(
          "%s: unknown incompatible features: %s"
              .formatted(
                  file.name(), FeatureNames.describe(unknown, FeatureNames.INCOMPATIBLE, names)));
    }
    int crypt = bytes.get(U32, Qcow2Layout.CRYPT_METHOD);
    if ((incompatible & Qcow2Layout.INCOMPATIBLE_DATA_FILE) != 0 && crypt != 0) {
      throw new UnsupportedFeatureException(
          file.name() + ": encrypted in an external data file, which is not supported");
    }
    expect(
        crypt >= 0 && crypt <= 2,
        "crypt_method",
        Qcow2Layout.CRYPT_METHOD,
        Integer.toUnsignedString(crypt),
        "0, 1 or 2");
    cryptoHeader(header);
    int compression = header.compressionType();
    boolean stated = (incompatible & Qcow2Layout.INCOMPATIBLE_COMPRESSION) != 0;
    expect(
        stated == (compression != Qcow2Layout.COMPRESSION_ZLIB)
            && headerLength >= (stated ? Qcow2Layout.COMPRESSION_TYPE + 1 : 0),
        "compression_type",
        Qcow2Layout.COMPRESSION_TYPE,
        compression,
        stated ? "another than 0, by incompatible bit 3" : "0, without incompatible bit 3");
    if (compression > Qcow2Layout.COMPRESSION_ZSTD) {
      throw new UnsupportedFeatureException(
          "%s: unknown compression type %d".formatted(file.name(), compression));
    }
  }

  /// The LUKS header is judged when it is read.
  private void cryptoHeader(Qcow2Header header) throws IOException {
    @Nullable HeaderExtension extension = header.extension(Qcow2Layout.EXTENSION_CRYPTO);
    boolean luks = header.cryptMethod() == Qcow2Layout.CRYPT_LUKS;
    expect(
        luks == (extension != null),
        "crypt_method",
        Qcow2Layout.CRYPT_METHOD,
        header.cryptMethod(),
        luks ? "a crypto header with LUKS" : "2 (LUKS) with a crypto header");
    if (extension == null) {
      return;
    }
    expect(
        extension.data().byteSize() == CryptoHeader.EXTENSION_LENGTH,
        "crypto header extension",
        header.headerLength(),
        extension.data().byteSize() + " bytes",
        CryptoHeader.EXTENSION_LENGTH);
    CryptoHeader crypto = header.cryptoHeader();
    limit(crypto.length(), Qcow2Layout.CRYPTO_BYTES_MAX, "bytes in the LUKS header");
    long offset = crypto.offset();
    Geometry g = header.geometry();
    expect(
        g.inCluster(offset) == 0
            && offset >= g.clusterSize()
            && crypto.length() > 0
            && offset <= fileSize - crypto.length(),
        "crypto header extension",
        header.headerLength(),
        "0x%x with %d bytes".formatted(offset, crypto.length()),
        "a cluster after the first, within the file of " + fileSize + " bytes");
  }

  private void tables(Qcow2Header header) throws IOException {
    Geometry g = header.geometry();
    expect(header.size() >= 0, "size", Qcow2Layout.SIZE, hex(Qcow2Layout.SIZE), "below 2^63");
    long entries = Integer.toUnsignedLong(header.l1Entries());
    limit(entries * 8, Qcow2Layout.L1_BYTES_MAX, "bytes in the L1 table");
    long needed = g.l1EntriesFor(header.size());
    expect(
        entries >= needed,
        "l1_size",
        Qcow2Layout.L1_SIZE,
        entries,
        "at least " + needed + " for the virtual size");
    table("l1_table_offset", Qcow2Layout.L1_TABLE_OFFSET, header.l1Offset(), entries * 8, g);
    long clusters = Integer.toUnsignedLong(header.refcountTableClusters());
    limit(
        clusters << g.clusterBits(),
        Qcow2Layout.REFCOUNT_TABLE_BYTES_MAX,
        "bytes in the refcount table");
    long snapshots = Integer.toUnsignedLong(header.snapshotCount());
    limit(snapshots, Qcow2Layout.SNAPSHOTS_MAX, "internal snapshots");
    table("snapshots_offset", Qcow2Layout.SNAPSHOTS_OFFSET, header.snapshotsOffset(), snapshots, g);
  }

  private void table(String field, long at, long offset, long length, Geometry g)
      throws IOException {
    if (length == 0) {
      return;
    }
    expect(g.inCluster(offset) == 0, field, at, hex(at), "a multiple of the cluster size");
    expect(
        offset >= g.clusterSize() && offset <= fileSize && length <= fileSize - offset,
        field,
        at,
        hex(at) + " with " + length + " bytes",
        "after the first cluster, within the file of " + fileSize + " bytes");
  }

  private void limit(long found, long most, String what) throws IOException {
    if (found > most) {
      throw new LimitExceededException(
          "%s: %d %s; at most %d are allowed".formatted(file.name(), found, what, most));
    }
  }

  private String hex(long field) {
    return "0x" + Long.toHexString(bytes.get(U64, field));
  }

  /// Its arguments are made for images that are well too: no `formatted`, which loads a locale.
  private void expect(boolean holds, String field, long at, Object found, Object expected)
      throws CorruptImageException {
    if (!holds) {
      throw CorruptImageException.at(file.name(), "qcow2 " + field, at, found, expected);
    }
  }
}
