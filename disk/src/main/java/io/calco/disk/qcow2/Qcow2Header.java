package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U32;
import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.BackingReference;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The header of an open image: its first cluster as it stands in the file, fields, extensions and
/// backing name. A setter writes what it changes at once; the fixed fields lie in one sector, so
/// that a crash leaves the old or the new ones.
///
/// Thread rule: readers beside each other; a setter alone.
final class Qcow2Header {
  private final HostFile file;
  private final MemorySegment bytes;
  private final Geometry geometry;
  private List<HeaderExtension> extensions;

  /// Used by [HeaderReader], which has judged `bytes`, the first cluster or as much of it as the
  /// file has.
  Qcow2Header(
      HostFile file, MemorySegment bytes, Geometry geometry, List<HeaderExtension> extensions) {
    this.file = file;
    this.bytes = bytes;
    this.geometry = geometry;
    this.extensions = List.copyOf(extensions);
  }

  Geometry geometry() {
    return geometry;
  }

  private int u32(long field) {
    return bytes.get(U32, field);
  }

  private long u64(long field) {
    return bytes.get(U64, field);
  }

  private long v3(long field) {
    return geometry.version() == 2 ? 0 : u64(field);
  }

  long size() {
    return u64(Qcow2Layout.SIZE);
  }

  long l1Offset() {
    return u64(Qcow2Layout.L1_TABLE_OFFSET);
  }

  int l1Entries() {
    return u32(Qcow2Layout.L1_SIZE);
  }

  long refcountTableOffset() {
    return u64(Qcow2Layout.REFCOUNT_TABLE_OFFSET);
  }

  int refcountTableClusters() {
    return u32(Qcow2Layout.REFCOUNT_TABLE_CLUSTERS);
  }

  /// Entries in the refcount table.
  int refcountTableEntries() {
    return refcountTableClusters() * (geometry.clusterSize() / 8);
  }

  int snapshotCount() {
    return u32(Qcow2Layout.NB_SNAPSHOTS);
  }

  long snapshotsOffset() {
    return u64(Qcow2Layout.SNAPSHOTS_OFFSET);
  }

  long incompatible() {
    return v3(Qcow2Layout.INCOMPATIBLE_FEATURES);
  }

  boolean dirty() {
    return (incompatible() & Qcow2Layout.INCOMPATIBLE_DIRTY) != 0;
  }

  boolean corrupt() {
    return (incompatible() & Qcow2Layout.INCOMPATIBLE_CORRUPT) != 0;
  }

  boolean lazyRefcounts() {
    return (v3(Qcow2Layout.COMPATIBLE_FEATURES) & Qcow2Layout.COMPATIBLE_LAZY_REFCOUNTS) != 0;
  }

  long autoclear() {
    return v3(Qcow2Layout.AUTOCLEAR_FEATURES);
  }

  int headerLength() {
    return geometry.version() == 2 ? Qcow2Layout.HEADER_LENGTH_V2 : u32(Qcow2Layout.HEADER_LENGTH);
  }

  int compressionType() {
    return headerLength() > Qcow2Layout.COMPRESSION_TYPE
        ? Byte.toUnsignedInt(bytes.get(Qcow2Layout.U8, Qcow2Layout.COMPRESSION_TYPE))
        : Qcow2Layout.COMPRESSION_ZLIB;
  }

  /// True when guest clusters lie in another file.
  boolean hasDataFile() {
    return (incompatible() & Qcow2Layout.INCOMPATIBLE_DATA_FILE) != 0;
  }

  /// The name of that file; empty when the image does not say it.
  String dataFileName() {
    HeaderExtension extension = extension(Qcow2Layout.EXTENSION_DATA_FILE);
    return extension == null ? "" : Texts.exact(extension.data());
  }

  /// The same, safe for a terminal.
  String printableDataFileName() {
    HeaderExtension extension = extension(Qcow2Layout.EXTENSION_DATA_FILE);
    return extension == null ? "" : Texts.decode(extension.data());
  }

  /// True when that file is to be the guest's disk by itself.
  boolean rawDataFile() {
    return hasDataFile() && (autoclear() & Qcow2Layout.AUTOCLEAR_RAW_DATA) != 0;
  }

  int cryptMethod() {
    return u32(Qcow2Layout.CRYPT_METHOD);
  }

  /// Where the LUKS header lies; of no bytes when there is none.
  CryptoHeader cryptoHeader() {
    HeaderExtension extension = extension(Qcow2Layout.EXTENSION_CRYPTO);
    return extension == null ? CryptoHeader.NONE : CryptoHeader.decode(extension.data());
  }

  @Nullable HeaderExtension extension(int type) {
    for (HeaderExtension extension : extensions) {
      if (extension.type() == type) {
        return extension;
      }
    }
    return null;
  }

  /// True when the header names a backing image.
  boolean hasBacking() {
    return u64(Qcow2Layout.BACKING_FILE_OFFSET) != 0 && u32(Qcow2Layout.BACKING_FILE_SIZE) != 0;
  }

  Optional<BackingReference> backing() {
    if (!hasBacking()) {
      return Optional.empty();
    }
    String name =
        Texts.exact(
            bytes.asSlice(
                u64(Qcow2Layout.BACKING_FILE_OFFSET), u32(Qcow2Layout.BACKING_FILE_SIZE)));
    HeaderExtension format = extension(Qcow2Layout.EXTENSION_BACKING_FORMAT);
    return Optional.of(
        new BackingReference(
            name,
            Optional.ofNullable(format)
                .map(f -> Texts.decode(f.data()))
                .filter(f -> !f.isEmpty())));
  }

  void setSize(long size) throws IOException {
    bytes.set(U64, Qcow2Layout.SIZE, size);
    writeFields();
  }

  void setL1(long offset, int entries) throws IOException {
    bytes.set(U64, Qcow2Layout.L1_TABLE_OFFSET, offset);
    bytes.set(U32, Qcow2Layout.L1_SIZE, entries);
    writeFields();
  }

  void setRefcountTable(long offset, int clusters) throws IOException {
    bytes.set(U64, Qcow2Layout.REFCOUNT_TABLE_OFFSET, offset);
    bytes.set(U32, Qcow2Layout.REFCOUNT_TABLE_CLUSTERS, clusters);
    writeFields();
  }

  /// The same with refcounts of another width: from now on this header tells the old one, and must
  /// be read anew.
  void setRefcountTable(long offset, int clusters, int refcountOrder) throws IOException {
    bytes.set(U64, Qcow2Layout.REFCOUNT_TABLE_OFFSET, offset);
    bytes.set(U32, Qcow2Layout.REFCOUNT_TABLE_CLUSTERS, clusters);
    if (geometry.version() > 2) {
      bytes.set(U32, Qcow2Layout.REFCOUNT_ORDER, refcountOrder);
    }
    writeFields();
  }

  void setLazyRefcounts(boolean lazy) throws IOException {
    if (geometry.version() > 2) {
      long bits = u64(Qcow2Layout.COMPATIBLE_FEATURES);
      bytes.set(
          U64,
          Qcow2Layout.COMPATIBLE_FEATURES,
          lazy
              ? bits | Qcow2Layout.COMPATIBLE_LAZY_REFCOUNTS
              : bits & ~Qcow2Layout.COMPATIBLE_LAZY_REFCOUNTS);
      writeFields();
    }
  }

  /// Writes the header as one of another version, refcounts of 16 bits and no features; from now on
  /// this one must be read anew. The names of features are left out, so that a usual header is one
  /// sector, and old or new after a crash.
  void writeAs(int version) throws IOException {
    int length = version == 2 ? Qcow2Layout.HEADER_LENGTH_V2 : Qcow2Layout.HEADER_LENGTH_V3;
    List<HeaderExtension> kept =
        extensions.stream()
            .filter(e -> e.type() != Qcow2Layout.EXTENSION_FEATURE_NAMES)
            .filter(e -> version > 2 || e.type() != Qcow2Layout.EXTENSION_BITMAPS)
            .toList();
    MemorySegment name = backingName();
    if (!fits(length, kept, name.byteSize(), geometry)) {
      throw new LimitExceededException(
          "%s: the header of version %d does not fit into its cluster of %d bytes"
              .formatted(file.name(), version, geometry.clusterSize()));
    }
    MemorySegment cluster = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
    MemorySegment.copy(bytes, 0, cluster, 0, Qcow2Layout.HEADER_LENGTH_V2);
    cluster.set(U32, Qcow2Layout.VERSION, version);
    if (version > 2) {
      cluster.set(U32, Qcow2Layout.REFCOUNT_ORDER, 4);
      cluster.set(U32, Qcow2Layout.HEADER_LENGTH, length);
    }
    encodeTail(cluster, length, kept, name);
    file.write(0, cluster.asSlice(0, Math.min(cluster.byteSize(), bytes.byteSize())));
  }

  HostFile file() {
    return file;
  }

  void setSnapshots(long offset, int count) throws IOException {
    bytes.set(U64, Qcow2Layout.SNAPSHOTS_OFFSET, offset);
    bytes.set(U32, Qcow2Layout.NB_SNAPSHOTS, count);
    writeFields();
  }

  /// Makes another L1 table, for a disk of another size, the active one.
  void setActive(long l1Offset, int l1Entries, long size) throws IOException {
    bytes.set(U64, Qcow2Layout.L1_TABLE_OFFSET, l1Offset);
    bytes.set(U32, Qcow2Layout.L1_SIZE, l1Entries);
    bytes.set(U64, Qcow2Layout.SIZE, size);
    writeFields();
  }

  /// Version 3 only.
  void setIncompatible(long bits) throws IOException {
    bytes.set(U64, Qcow2Layout.INCOMPATIBLE_FEATURES, bits);
    writeFields();
  }

  /// Version 3 only.
  void setAutoclear(long bits) throws IOException {
    bytes.set(U64, Qcow2Layout.AUTOCLEAR_FEATURES, bits);
    writeFields();
  }

  private void writeFields() throws IOException {
    file.write(0, bytes.asSlice(0, headerLength()));
  }

  /// Writes another backing name and format, or none; other extensions stay, in their order.
  ///
  /// @return false when they do not fit; nothing was changed
  boolean setBacking(Optional<BackingReference> backing) throws IOException {
    List<HeaderExtension> changed = new ArrayList<>();
    backing
        .flatMap(BackingReference::format)
        .ifPresent(format -> changed.add(text(Qcow2Layout.EXTENSION_BACKING_FORMAT, format)));
    for (HeaderExtension extension : extensions) {
      if (extension.type() != Qcow2Layout.EXTENSION_BACKING_FORMAT) {
        changed.add(extension);
      }
    }
    MemorySegment name =
        MemorySegment.ofArray(
            backing.map(BackingReference::name).orElse("").getBytes(StandardCharsets.UTF_8));
    return setTail(changed, name);
  }

  /// The backing name as it stands in the header; no bytes for none.
  private MemorySegment backingName() {
    return hasBacking()
        ? MemorySegment.ofArray(
            bytes
                .asSlice(u64(Qcow2Layout.BACKING_FILE_OFFSET), u32(Qcow2Layout.BACKING_FILE_SIZE))
                .toArray(ValueLayout.JAVA_BYTE))
        : MemorySegment.ofArray(new byte[0]);
  }

  /// Records that guest clusters are encrypted by LUKS from now on.
  ///
  /// @return false when it does not fit; nothing was changed
  boolean setCrypto(CryptoHeader crypto) throws IOException {
    int before = cryptMethod();
    bytes.set(U32, Qcow2Layout.CRYPT_METHOD, Qcow2Layout.CRYPT_LUKS);
    boolean set = setExtension(Qcow2Layout.EXTENSION_CRYPTO, Optional.of(crypto.encode().data()));
    if (!set) {
      bytes.set(U32, Qcow2Layout.CRYPT_METHOD, before);
    }
    return set;
  }

  /// Where the data of an extension lies, or 0.
  private long placeOf(int type) {
    long at = headerLength();
    for (HeaderExtension extension : extensions) {
      if (extension.type() == type) {
        return at + 8;
      }
      at += extension.fileLength();
    }
    return 0;
  }

  /// True when [#setExtension] with this data changes one sector, so that a crash leaves the old or
  /// the new data.
  boolean writesInOneSector(int type, MemorySegment data) {
    HeaderExtension old = extension(type);
    long at = placeOf(type);
    return old != null
        && old.data().byteSize() == data.byteSize()
        && at / 512 == (at + data.byteSize() - 1) / 512;
  }

  /// Writes an extension, first among all when it is new, or removes it.
  ///
  /// @return false when it does not fit; nothing was changed
  boolean setExtension(int type, Optional<MemorySegment> data) throws IOException {
    List<HeaderExtension> changed = new ArrayList<>();
    boolean replaces = extension(type) != null;
    if (data.isPresent() && !replaces) {
      changed.add(new HeaderExtension(type, data.get()));
    }
    for (HeaderExtension extension : extensions) {
      if (extension.type() != type) {
        changed.add(extension);
      } else if (data.isPresent()) {
        changed.add(new HeaderExtension(type, data.get()));
      }
    }
    if (data.isPresent() && writesInOneSector(type, data.get())) {
      long at = placeOf(type);
      MemorySegment.copy(data.get(), 0, bytes, at, data.get().byteSize());
      file.write(at, bytes.asSlice(at, data.get().byteSize()));
      extensions = List.copyOf(changed);
      return true;
    }
    return setTail(changed, backingName());
  }

  /// Writes other extensions and another backing name; the names of features give way to what does
  /// not fit else.
  private boolean setTail(List<HeaderExtension> changed, MemorySegment name) throws IOException {
    List<HeaderExtension> written = changed;
    if (!fits(headerLength(), written, name.byteSize(), geometry)) {
      written =
          changed.stream().filter(e -> e.type() != Qcow2Layout.EXTENSION_FEATURE_NAMES).toList();
    }
    if (!fits(headerLength(), written, name.byteSize(), geometry)) {
      return false;
    }
    MemorySegment cluster = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
    MemorySegment.copy(bytes, 0, cluster, 0, headerLength());
    encodeTail(cluster, headerLength(), written, name);
    MemorySegment.copy(cluster, 0, bytes, 0, bytes.byteSize());
    file.write(0, cluster.asSlice(0, Math.min(cluster.byteSize(), bytes.byteSize())));
    extensions = List.copyOf(written);
    return true;
  }

  static HeaderExtension text(int type, String text) {
    return new HeaderExtension(type, MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// True when a header of these parts has room in the first cluster.
  static boolean fits(
      int headerLength, List<HeaderExtension> extensions, long nameLength, Geometry geometry) {
    long length = headerLength + 8L + nameLength;
    for (HeaderExtension extension : extensions) {
      length += extension.fileLength();
    }
    return nameLength <= Qcow2Layout.BACKING_NAME_MAX && length <= geometry.clusterSize();
  }

  /// Writes extensions and backing name after the fixed fields, and where the name lies into these.
  static void encodeTail(
      MemorySegment header,
      int headerLength,
      List<HeaderExtension> extensions,
      MemorySegment backingName) {
    long at = headerLength;
    for (HeaderExtension extension : extensions) {
      header.set(U32, at, extension.type());
      header.set(U32, at + 4, (int) extension.data().byteSize());
      MemorySegment.copy(extension.data(), 0, header, at + 8, extension.data().byteSize());
      at += extension.fileLength();
    }
    header.set(U64, at, Qcow2Layout.EXTENSION_END);
    at += 8;
    boolean named = backingName.byteSize() > 0;
    MemorySegment.copy(
        backingName, ValueLayout.JAVA_BYTE, 0, header, Qcow2Layout.U8, at, backingName.byteSize());
    header.set(U64, Qcow2Layout.BACKING_FILE_OFFSET, named ? at : 0);
    header.set(U32, Qcow2Layout.BACKING_FILE_SIZE, (int) backingName.byteSize());
  }
}
