package io.calco.disk.qcow2;

import io.calco.disk.Allocation;
import io.calco.disk.Barrier;
import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/// What is needed to change an image: refcounts, allocation, write order. Made before the first
/// change.
///
/// Thread rule: confined to whoever may change the image.
final class Qcow2Editor {
  private static final long KNOWN_AUTOCLEAR =
      Qcow2Layout.AUTOCLEAR_BITMAPS | Qcow2Layout.AUTOCLEAR_RAW_DATA;

  private final HostFile file;
  private final Qcow2Header header;
  private final Geometry geometry;
  private final GuestMap map;
  private final FreedClusters freed;
  private final Barrier barrier;
  private final ClusterAllocator allocator;
  private final GuestWriter guest;
  private final CompressedWriter compressed;
  private final WriteOrder order;
  private final EditedImage image;
  private final BitmapSession bitmaps;

  Qcow2Editor(HostFile file, Qcow2Header header, GuestMap map, MetadataAreas areas)
      throws IOException {
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.map = map;
    this.freed = new FreedClusters(geometry.clusterBits());
    this.barrier =
        new Barrier(map.guest()::sync, !map.l1().isEmpty() || header.snapshotCount() > 0);
    Refcounts refcounts = openRefcounts();
    this.allocator = new ClusterAllocator(file, header, refcounts, freed, barrier);
    this.guest = new GuestWriter(file, geometry, map, allocator, freed, areas);
    this.compressed = new CompressedWriter(file, geometry, map, allocator, guest, refcounts);
    this.order = new WriteOrder(file, geometry, map, refcounts, allocator, freed, barrier);
    this.image = new EditedImage(file, header, map, refcounts, allocator, freed, barrier, order);
    this.bitmaps = new BitmapSession(image);
  }

  private Refcounts openRefcounts() throws IOException {
    long offset = header.refcountTableOffset();
    int entries = header.refcountTableEntries();
    if (entries == 0
        || offset < geometry.clusterSize()
        || geometry.inCluster(offset) != 0
        || offset > file.size() - 8L * entries) {
      throw CorruptImageException.at(
          file.name(),
          "qcow2 refcount_table_offset",
          Qcow2Layout.REFCOUNT_TABLE_OFFSET,
          "0x%x with %d entries".formatted(offset, entries),
          "a cluster with a table that lies within the file");
    }
    Refcounts refcounts = new Refcounts(file, geometry, PointerTable.read(file, offset, entries));
    expectCounted(refcounts, 0, 1, "the header");
    expectCounted(refcounts, header.l1Offset(), 8L * header.l1Entries(), "the L1 table");
    expectCounted(refcounts, offset, 8L * entries, "the refcount table");
    CryptoHeader crypto = header.cryptoHeader();
    expectCounted(refcounts, crypto.offset(), crypto.length(), "the LUKS header");
    return refcounts;
  }

  /// Clusters whose count is zero would be given out.
  private void expectCounted(Refcounts refcounts, long offset, long length, String what)
      throws IOException {
    for (long at = offset; at < offset + length; at += geometry.clusterSize()) {
      if (refcounts.get(geometry.clusterOf(at)) == 0) {
        throw CorruptImageException.at(
            file.name(), "refcount of " + what, at, 0, "at least 1; a repair mends this");
      }
    }
  }

  /// What changes of more than guest bytes work with.
  EditedImage image() {
    return image;
  }

  /// Before the first change: clears the marks of features that writers must know, and marks the
  /// bitmaps that record as in use.
  void beginWrites() throws IOException {
    map.guest().checkUnlocked();
    if ((header.autoclear() & ~KNOWN_AUTOCLEAR) != 0) {
      header.setAutoclear(header.autoclear() & KNOWN_AUTOCLEAR);
      barrier.raise();
    }
    bitmaps.begin();
  }

  /// After the last change: completes the bitmaps.
  void finish() throws IOException {
    order.flush();
    bitmaps.finish();
  }

  BitmapSession bitmaps() {
    return bitmaps;
  }

  /// Notes that guest bytes change.
  private void touch(long offset, long length) {
    WrittenRanges written = bitmaps.written();
    if (written != null) {
      written.add(offset, Math.min(length, map.size() - offset));
    }
  }

  Qcow2Allocation allocate(long offset, long length) throws IOException {
    Qcow2Allocation run = guest.allocate(offset, length);
    touch(offset, Math.min(length, run.offset() + run.length() - offset));
    return run;
  }

  void commit(Allocation run) throws IOException {
    guest.commit((Qcow2Allocation) run);
    order.relieve();
  }

  /// Allocates host clusters that nothing is written to: what the guest sees stays as it is where
  /// the image can say so, by subclusters, and is zeroes of the file otherwise.
  Qcow2Allocation preallocate(long offset, long length) throws IOException {
    Qcow2Allocation run = guest.allocate(offset, length);
    guest.commit(run);
    if (header.hasBacking()) {
      guest.showBelow(run);
    }
    order.relieve();
    return run;
  }

  void abandon(Allocation run) throws IOException {
    guest.abandon((Qcow2Allocation) run);
  }

  void writeCompressed(long offset, MemorySegment packed) throws IOException {
    touch(offset, geometry.clusterSize());
    compressed.write(offset, packed);
    order.relieve();
  }

  /// As [io.calco.disk.FormatDriver#zero].
  long zero(long offset, long length, ZeroMode mode) throws IOException {
    if (geometry.version() == 2 && (mode == ZeroMode.KEEP_ALLOCATED || header.hasBacking())) {
      return 0;
    }
    long unit = geometry.unitSize();
    long end = offset + length;
    long to = end >= map.size() ? end : end & -unit;
    if ((offset & (unit - 1)) != 0 || to <= offset) {
      return 0;
    }
    touch(offset, to - offset);
    long at = offset;
    while (at < to) {
      long part = Math.min(to, map.tableEnd(at));
      long reached = guest.zero(at, part, mode, header.hasBacking());
      order.relieve();
      at = reached;
      if (reached < part) {
        break;
      }
    }
    return at - offset;
  }

  /// As [io.calco.disk.FormatDriver#discard].
  void discard(long offset, long length) throws IOException {
    long unit = geometry.unitSize();
    long end = offset + length;
    long at = (offset + unit - 1) & -unit;
    long to = end >= map.size() ? end : end & -unit;
    while (at < to) {
      long done = zero(at, to - at, ZeroMode.MAY_UNMAP);
      if (done == 0 && geometry.version() == 2) {
        return;
      }
      at = done > 0 ? at + done : geometry.clusterStart(at) + geometry.clusterSize();
    }
  }

  /// Makes an image that has no guest clusters an encrypted one.
  ///
  /// @param volume a LUKS volume up to its payload
  void encrypt(MemorySegment volume) throws IOException {
    long clusters = geometry.clustersFor(volume.byteSize());
    long offset = allocator.allocateTable(clusters) << geometry.clusterBits();
    MemorySegment padded =
        MemorySegment.ofArray(new byte[Math.toIntExact(clusters << geometry.clusterBits())]);
    padded.copyFrom(volume);
    file.write(offset, padded);
    order.flush();
    if (!header.setCrypto(new CryptoHeader(offset, volume.byteSize()))) {
      throw new LimitExceededException(
          "%s: what says where the LUKS header lies does not fit into the header's cluster of %d"
              .formatted(file.name(), geometry.clusterSize()));
    }
  }

  /// As [io.calco.disk.FormatDriver#resize].
  void resize(long newSize) throws IOException {
    if (newSize % 512 != 0) {
      throw new UnsupportedFeatureException(
          "%s: size %d: must be a multiple of 512".formatted(file.name(), newSize));
    }
    if (header.snapshotCount() > 0 && geometry.version() == 2) {
      throw new UnsupportedFeatureException(
          file.name() + ": a version 2 image with internal snapshots cannot be resized");
    }
    long oldSize = map.size();
    Set<String> resized = bitmaps.beginResize();
    if (newSize < oldSize) {
      shrink(newSize);
    } else {
      growL1(newSize);
      setDataFileSize(newSize);
    }
    order.flush();
    barrier.raise();
    header.setSize(newSize);
    map.setSize(newSize);
    if (newSize < oldSize) {
      setDataFileSize(newSize);
    }
    bitmaps.endResize(resized, oldSize);
  }

  private void setDataFileSize(long size) throws IOException {
    DataFile external = map.guest().external();
    if (external != null) {
      external.open().truncate(size);
    }
  }

  /// Drops all that the tables map.
  void empty() throws IOException {
    shrink(0);
    order.flush();
  }

  private void shrink(long newSize) throws IOException {
    long at = geometry.clustersFor(newSize) << geometry.clusterBits();
    while (map.l1Index(at) < map.l1().count()) {
      at = guest.dropTable(at);
      order.relieve();
    }
  }

  /// Moves the L1 table to where it is large enough: everything that it refers to first, the table,
  /// then the header.
  private void growL1(long size) throws IOException {
    long entries = geometry.l1EntriesFor(size);
    if (entries * 8 > Qcow2Layout.L1_BYTES_MAX) {
      throw new LimitExceededException(
          "%s: a disk of %d bytes needs an L1 table of more than 32 MiB with clusters of %d bytes"
              .formatted(file.name(), size, geometry.clusterSize()));
    }
    PointerTable l1 = map.l1();
    if (entries <= l1.count()) {
      return;
    }
    order.flush();
    long oldFirst = geometry.clusterOf(l1.hostOffset());
    long oldCount = geometry.clustersFor(8L * l1.count());
    long first = allocator.allocateTable(geometry.clustersFor(8 * entries));
    order.writeRefcounts();
    l1.extend(Math.toIntExact(entries));
    l1.writeTo(first << geometry.clusterBits());
    barrier.raise();
    header.setL1(l1.hostOffset(), l1.count());
    if (oldCount > 0) {
      freed.add(oldFirst, oldCount);
    }
  }

  void flush() throws IOException {
    order.flush();
  }

  void sync() throws IOException {
    order.sync();
  }
}
