package io.calco.disk.qcow2;

import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Follows every reference in an image and counts them. What is shared by many snapshots is read
/// once and counted as often as it is shared, so that the work is bounded by the file's length.
/// Confined.
final class ReferenceWalk {
  /// Host clusters in use, as `qemu-img check` counts them.
  record Allocation(long allocated, long fragmented, long compressed) {}

  private static final boolean NATIVE_IS_BIG = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;

  private final HostFile file;
  private final Qcow2Header header;
  private final Geometry geometry;
  private final Findings findings;
  private final JobContext job;
  private final boolean mends;
  private final long fileSize;
  private final ReferenceCounts counts;

  /// A snapshot's L2 table, as it stands in the file: not in the host's byte order.
  private final long[] table;

  private @Nullable CopiedFlags marks;
  private long allocated;
  private long fragmented;
  private long compressed;

  /// @param mends L2 entries that only a repair can make sense of are overwritten
  ReferenceWalk(HostFile file, Qcow2Header header, Findings findings, JobContext job, boolean mends)
      throws IOException {
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.findings = findings;
    this.job = job;
    this.mends = mends;
    this.fileSize = file.size();
    this.counts = new ReferenceCounts(file.name(), geometry.refcountMax());
    this.table = new long[geometry.clusterSize() / 8];
  }

  /// Has the marks of the active tables checked in the same walk.
  void check(CopiedFlags activeMarks) {
    marks = activeMarks;
  }

  ReferenceCounts counts() {
    return counts;
  }

  Allocation allocation() {
    return new Allocation(allocated, fragmented, compressed);
  }

  /// Counts all but the refcount table and blocks.
  void run() throws IOException {
    if (geometry.clustersFor(fileSize) > ReferenceCounts.CLUSTERS_MAX) {
      throw new LimitExceededException(
          "%s: more than 2^31 clusters cannot be verified (QEMU's limit)".formatted(file.name()));
    }
    count(0, geometry.clusterSize(), 1);
    walkActive();
    walkSnapshots();
    walkBitmaps();
    count(header.cryptoHeader().offset(), header.cryptoHeader().length(), 1);
  }

  /// Counts references to the bytes `[offset, offset + length)`.
  private void count(long offset, long length, long times) throws IOException {
    if (length <= 0) {
      return;
    }
    long last = offset + length - 1;
    if (offset >= 0
        && length == geometry.clusterSize()
        && last < fileSize
        && geometry.inCluster(offset) == 0
        && counts.addOne(geometry.clusterOf(offset), times)) {
      return;
    }
    if (offset < 0 || last < 0 || last + 1 - fileSize >= geometry.clusterSize()) {
      findings.corruptions(
          times,
          "counting reference for region exceeding the end of the file by one cluster or more:"
              + " offset 0x%x size 0x%x",
          offset,
          length);
      return;
    }
    for (long c = geometry.clusterOf(offset); c <= geometry.clusterOf(last); c++) {
      long lost = counts.add(c, times);
      if (lost > 0) {
        findings.corruptions(
            lost,
            "overflow cluster offset=0x%x: refcounts are too narrow",
            c << geometry.clusterBits());
      }
    }
  }

  /// Counts the refcount table and its blocks; false when they must be built anew. Entries that
  /// make no sense are mended in memory.
  boolean countRefcounts(PointerTable table) throws IOException {
    boolean usable = true;
    count(table.hostOffset(), 8L * table.count(), 1);
    long known = Math.max(geometry.clustersFor(fileSize), counts.end());
    for (int i = 0; i < table.count(); i++) {
      long entry = table.get(i);
      long offset = entry & -512L;
      if ((entry & 511) != 0) {
        findings.corruption("refcount table entry %d has reserved bits set", i);
        table.set(i, offset);
        usable = false;
      } else if (geometry.inCluster(offset) != 0) {
        findings.corruption("refcount block %d is not cluster aligned", i);
        usable = false;
      } else if (offset < 0 || geometry.clusterOf(offset) >= known) {
        findings.corruption("refcount block %d is outside image", i);
        table.set(i, 0);
        usable = false;
      } else if (offset != 0) {
        count(offset, geometry.clusterSize(), 1);
        if (counts.get(geometry.clusterOf(offset)) != 1) {
          findings.corruption(
              "refcount block %d refcount=%d", i, counts.get(geometry.clusterOf(offset)));
          usable = false;
        }
      }
    }
    return usable;
  }

  private void walkActive() throws IOException {
    long[] l1 = PointerTable.readEntries(file, header.l1Offset(), header.l1Entries());
    count(header.l1Offset(), 8L * l1.length, 1);
    long[] offsets =
        Arrays.stream(l1).filter(entry -> entry != 0).map(L2Entry::hostOffset).toArray();
    try (TablesAhead tables = new TablesAhead(file, geometry.clusterSize(), offsets)) {
      for (int i = 0; i < l1.length; i++) {
        job.checkCancelled();
        job.progress("checking", i, l1.length);
        if (l1[i] != 0) {
          long offset = countL1Entry(l1[i], 1);
          if (marks != null) {
            marks.checkL1(i, l1[i]);
          }
          tables.advance();
          walkTable(offset, tables.words(), tables.start(), 1, true);
        }
      }
    }
  }

  /// Where the L2 table lies.
  private long countL1Entry(long entry, long times) throws IOException {
    if ((entry & L2Entry.L1_RESERVED) != 0) {
      findings.corruptions(times, "found L1 entry with reserved bits set: %x", entry);
    }
    long table = L2Entry.hostOffset(entry);
    count(table, geometry.clusterSize(), times);
    if (geometry.inCluster(table) != 0) {
      findings.corruptions(
          times, "l2_offset=%x: Table is not cluster aligned; L1 entry corrupted", table);
    }
    return table;
  }

  private record L1Place(long offset, long entries) {}

  private void walkSnapshots() throws IOException {
    SnapshotTable snapshots = SnapshotTable.read(file, header);
    Map<L1Place, Long> places = new LinkedHashMap<>();
    for (Snapshot snapshot : snapshots.snapshots()) {
      L1Place place = new L1Place(snapshot.l1Offset(), snapshot.l1Entries());
      if (geometry.inCluster(place.offset()) != 0) {
        findings.corruption(
            "snapshot %s (%s) l1_offset=0x%x: L1 table is not cluster aligned",
            snapshot.facts().id(), snapshot.facts().name(), place.offset());
      } else if (place.entries() * 8 > Qcow2Layout.L1_BYTES_MAX) {
        findings.corruption(
            "snapshot %s (%s) l1_size=0x%x: L1 table is too large",
            snapshot.facts().id(), snapshot.facts().name(), place.entries());
      } else {
        places.merge(place, 1L, Long::sum);
      }
    }
    ReferenceCounts tables = new ReferenceCounts(file.name(), Integer.MAX_VALUE);
    long bytes = 0;
    for (Map.Entry<L1Place, Long> place : places.entrySet()) {
      bytes += 8 * place.getKey().entries();
      if (bytes > fileSize) {
        throw new LimitExceededException(
            file.name() + ": the L1 tables of the snapshots are larger than the file");
      }
      walkSnapshotL1(place.getKey(), place.getValue(), tables);
    }
    for (long c = tables.next(0); c < tables.end(); c = tables.next(c + 1)) {
      job.checkCancelled();
      long offset = c << geometry.clusterBits();
      long present = Math.clamp(fileSize - offset, 0, geometry.clusterSize()) & -8;
      Arrays.fill(table, 0);
      if (present > 0) {
        file.read(offset, MemorySegment.ofArray(table).asSlice(0, present));
      }
      walkTable(offset, table, 0, tables.get(c), false);
    }
    count(header.snapshotsOffset(), snapshots.lengthBytes(), 1);
  }

  private void walkSnapshotL1(L1Place place, long times, ReferenceCounts tables)
      throws IOException {
    count(place.offset(), 8 * place.entries(), times);
    long[] l1 =
        PointerTable.readPresentEntries(file, place.offset(), Math.toIntExact(place.entries()));
    for (long entry : l1) {
      if (entry != 0) {
        long table = countL1Entry(entry, times);
        if (geometry.inCluster(table) == 0 && table < fileSize) {
          tables.add(geometry.clusterOf(table), times);
        }
      }
    }
  }

  /// Counts the clusters of a table, which stands in `raw` from `start` on as it does in the file.
  ///
  /// Nearly all entries of nearly all images are those of a plain cluster that is in order; they
  /// are dealt with here, and all others by [#walkEntry].
  private void walkTable(long offset, long[] raw, int start, long times, boolean active)
      throws IOException {
    boolean whole = geometry.inCluster(offset) == 0 && offset <= fileSize - geometry.clusterSize();
    CopiedFlags checked = active && whole ? marks : null;
    boolean plain = active && !geometry.extendedL2() && !header.hasDataFile();
    int bits = geometry.clusterBits();
    long inCluster = geometry.clusterSize() - 1L;
    long lastCluster = geometry.clusterOf(fileSize) - 1;
    int words = geometry.entryWords();
    int end = start + geometry.clusterSize() / 8;
    long expected = 0;
    int i = nextNonZero(raw, start, end);
    while (i < end) {
      i -= (i - start) % words;
      long word = fromFile(raw[i]);
      long cluster = (word & ~L2Entry.COPIED) >>> bits;
      if (plain
          && (word & inCluster) == 0
          && cluster != 0
          && cluster <= lastCluster
          && (checked == null || checked.isRight(word, cluster))
          && counts.addOne(cluster, times)) {
        allocated++;
        if (expected != 0 && cluster << bits != expected) {
          fragmented++;
        }
        expected = cluster + 1 << bits;
        i = nextNonZero(raw, i + 1, end);
        continue;
      }
      long bitmap = words == 2 ? fromFile(raw[i + 1]) : 0;
      if (checked != null) {
        checked.checkData(word);
      }
      expected = walkEntry(offset + 8L * (i - start), word, bitmap, times, active, expected);
      i = nextNonZero(raw, i + words, end);
    }
  }

  /// Most words of most tables are zero.
  private static int nextNonZero(long[] words, int from, int end) {
    int i = from;
    while (i < end && words[i] == 0) {
      i++;
    }
    return i;
  }

  private static long fromFile(long raw) {
    return NATIVE_IS_BIG ? raw : Long.reverseBytes(raw);
  }

  /// Counts an entry's clusters.
  ///
  /// @param expected where an unfragmented table would go on, or 0
  /// @return the same for the next entry
  private long walkEntry(long at, long word, long bitmap, long times, boolean active, long expected)
      throws IOException {
    if (L2Entry.compressed(word)) {
      walkCompressed(word, bitmap, times, active);
      return expected;
    }
    if ((word & reservedBits()) != 0) {
      findings.corruptions(times, "found l2 entry with reserved bits set: %x", word);
    }
    long host = L2Entry.hostOffset(word);
    boolean external = header.hasDataFile() && L2Entry.copied(word);
    if (host == 0 && !external) {
      if ((bitmap & L2Entry.ALL_ALLOCATED) != 0) {
        findings.corruptions(
            times, "L2 entry at 0x%x: unallocated cluster with allocated subclusters", at);
      }
      return expected;
    }
    if ((bitmap >>> 32 & bitmap) != 0) {
      findings.corruptions(
          times, "offset=%x: allocated cluster has corrupted subcluster bitmap", host);
    }
    if (geometry.inCluster(host) != 0) {
      findings.corruptions(times, "offset=%x: cluster is not properly aligned", host);
      if (mends && holdsNoData(word, bitmap)) {
        mendEntry(at, bitmap);
        return expected;
      }
    }
    if (!header.hasDataFile()) {
      count(host, geometry.clusterSize(), times);
    }
    if (!active) {
      return expected;
    }
    allocated++;
    if (expected != 0 && host != expected) {
      fragmented++;
    }
    return host + geometry.clusterSize();
  }

  private long reservedBits() {
    return geometry.extendedL2() ? L2Entry.L2_RESERVED | L2Entry.ZERO : L2Entry.L2_RESERVED;
  }

  private void walkCompressed(long word, long bitmap, long times, boolean active)
      throws IOException {
    if (L2Entry.copied(word)) {
      findings.corruptions(
          times,
          "coffset=0x%x: copied flag must never be set for compressed clusters",
          L2Entry.compressedOffset(word, geometry));
    }
    if (bitmap != 0) {
      findings.corruptions(
          times, "compressed cluster with non-zero subcluster bitmap, entry=0x%x", word);
      return;
    }
    count(
        L2Entry.compressedOffset(word, geometry), L2Entry.compressedLength(word, geometry), times);
    if (active) {
      allocated++;
      compressed++;
      fragmented++;
    }
  }

  private boolean holdsNoData(long word, long bitmap) {
    return geometry.extendedL2()
        ? (bitmap & L2Entry.ALL_ALLOCATED) == 0
        : (word & L2Entry.ZERO) != 0;
  }

  /// Makes a preallocated cluster that lies nowhere sensible read as zeroes without host space.
  private void mendEntry(long at, long bitmap) throws IOException {
    long[] entry =
        geometry.extendedL2()
            ? new long[] {0, bitmap & L2Entry.ALL_ZERO}
            : new long[] {L2Entry.ZERO};
    PointerTable.writeEntries(file, at, entry, 0, entry.length);
  }

  private void walkBitmaps() throws IOException {
    Bitmaps bitmaps = Bitmaps.read(file, header);
    count(bitmaps.directoryOffset(), bitmaps.directoryLength(), 1);
    long bytes = 0;
    for (Bitmaps.Bitmap bitmap : bitmaps.bitmaps()) {
      bytes += 8 * bitmap.tableEntries();
      if (bytes > fileSize) {
        throw new LimitExceededException(
            file.name() + ": the tables of the bitmaps are larger than the file");
      }
      count(bitmap.tableOffset(), 8 * bitmap.tableEntries(), 1);
      long[] table =
          PointerTable.readPresentEntries(
              file, bitmap.tableOffset(), Math.toIntExact(bitmap.tableEntries()));
      for (long entry : table) {
        if (L2Entry.hostOffset(entry) != 0) {
          count(L2Entry.hostOffset(entry), geometry.clusterSize(), 1);
        }
      }
    }
  }
}
