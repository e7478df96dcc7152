package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DirtyBitmaps;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// The bits of one bitmap as the file has them: a table of clusters, bits from the low end of each
/// byte up. Confined.
final class BitmapContent {
  /// In a table entry without an offset: all bits are set.
  static final long ALL_ONES = 1;

  private static final int TABLE_BYTES_MAX = 32 << 20;

  private final HostFile file;
  private final Geometry geometry;
  private final Bitmaps.Bitmap bitmap;
  private final long diskSize;
  private final long[] table;

  private BitmapContent(
      HostFile file, Geometry geometry, Bitmaps.Bitmap bitmap, long diskSize, long[] table) {
    this.file = file;
    this.geometry = geometry;
    this.bitmap = bitmap;
    this.diskSize = diskSize;
    this.table = table;
  }

  /// Reads the table of a bitmap of a disk of `diskSize` bytes.
  ///
  /// @throws CorruptImageException when it is no table for such a disk
  static BitmapContent read(HostFile file, Geometry geometry, Bitmaps.Bitmap bitmap, long diskSize)
      throws IOException {
    int entries = entriesFor(file, geometry, bitmap.granularityBits(), diskSize);
    long offset = bitmap.tableOffset();
    boolean inFile =
        geometry.inCluster(offset) == 0
            && offset >= geometry.clusterSize()
            && offset <= file.size() - 8L * entries;
    if (bitmap.tableEntries() != entries || entries > 0 && !inFile) {
      throw CorruptImageException.at(
          file.name(),
          "table of bitmap \"%s\"".formatted(bitmap.name()),
          offset,
          bitmap.tableEntries() + " entries",
          entries + " entries within the file");
    }
    long[] table = PointerTable.readEntries(file, offset, entries);
    for (long entry : table) {
      long host = L2Entry.hostOffset(entry);
      if (geometry.inCluster(host) != 0 || (entry & ~L2Entry.OFFSET_MASK & ~ALL_ONES) != 0) {
        throw CorruptImageException.at(
            file.name(),
            "table of bitmap \"%s\"".formatted(bitmap.name()),
            offset,
            "0x%x".formatted(entry),
            "offsets of clusters");
      }
    }
    return new BitmapContent(file, geometry, bitmap, diskSize, table);
  }

  /// Clusters of bits that a bitmap of a disk has.
  static int entriesFor(HostFile file, Geometry geometry, int granularityBits, long diskSize)
      throws IOException {
    long bits = Math.ceilDiv(diskSize, 1L << granularityBits);
    long entries = geometry.clustersFor(Math.ceilDiv(bits, 8));
    if (entries * 8 > TABLE_BYTES_MAX) {
      throw new LimitExceededException(
          "%s: a bitmap of granularity %d would need a table of more than 32 MiB (our limit)"
              .formatted(file.name(), 1L << granularityBits));
    }
    return Math.toIntExact(entries);
  }

  /// A copy of the table.
  long[] table() {
    return table.clone();
  }

  private int bitsPerCluster() {
    return geometry.clusterSize() * 8;
  }

  private long bitOf(long offset) {
    return offset >>> bitmap.granularityBits();
  }

  /// Which cluster has the bit of a guest offset.
  int index(long offset) {
    return Math.toIntExact(bitOf(offset) / bitsPerCluster());
  }

  /// The first guest byte whose bit is in the next cluster.
  long clusterEnd(int index) {
    return (index + 1L) * bitsPerCluster() << bitmap.granularityBits();
  }

  /// The bits of one cluster, those beyond the disk left out.
  BitSet bits(int index) throws IOException {
    long entry = table[index];
    BitSet bits;
    if (L2Entry.hostOffset(entry) != 0) {
      byte[] bytes = new byte[geometry.clusterSize()];
      try {
        file.read(L2Entry.hostOffset(entry), MemorySegment.ofArray(bytes));
      } catch (EOFException e) {
        throw CorruptImageException.at(
            file.name(),
            "bits of bitmap \"%s\"".formatted(bitmap.name()),
            L2Entry.hostOffset(entry),
            "the end of the file",
            "a whole cluster");
      }
      bits = BitSet.valueOf(bytes);
    } else {
      bits = new BitSet();
      if ((entry & ALL_ONES) != 0) {
        bits.set(0, bitsPerCluster());
      }
    }
    long all = Math.ceilDiv(diskSize, 1L << bitmap.granularityBits());
    long here = Math.min(bitsPerCluster(), all - (long) index * bitsPerCluster());
    bits.clear(Math.toIntExact(here), Math.max(bits.length(), (int) here));
    return bits;
  }

  /// Sets the bits of a run of the disk that lie in one cluster.
  void mark(BitSet bits, int index, long from, long to) {
    long first = (long) index * bitsPerCluster();
    bits.set((int) (bitOf(from) - first), (int) (bitOf(to - 1) - first) + 1);
  }

  /// Walks what is marked, here or in `more`.
  void forEachDirty(@Nullable WrittenRanges more, DirtyBitmaps.RunSink sink) throws IOException {
    long start = -1;
    long end = -1;
    for (int i = 0; i < table.length; i++) {
      long from = i == 0 ? 0 : clusterEnd(i - 1);
      long to = Math.min(diskSize, clusterEnd(i));
      boolean empty = table[i] == 0 && (more == null || more.next(from) >= to);
      if (empty) {
        continue;
      }
      BitSet bits = bits(i);
      if (more != null) {
        for (long at = more.next(from); at < to; at = more.next(more.end(at))) {
          mark(bits, i, at, Math.min(to, more.end(at)));
        }
      }
      for (int bit = bits.nextSetBit(0); bit >= 0; ) {
        int clear = bits.nextClearBit(bit);
        long runStart = from + ((long) bit << bitmap.granularityBits());
        long runEnd = Math.min(to, from + ((long) clear << bitmap.granularityBits()));
        if (runStart == end) {
          end = runEnd;
        } else {
          if (end > start) {
            sink.accept(new DirtyBitmaps.Run(start, end - start));
          }
          start = runStart;
          end = runEnd;
        }
        bit = bits.nextSetBit(clear);
      }
    }
    if (end > start) {
      sink.accept(new DirtyBitmaps.Run(start, end - start));
    }
  }
}
