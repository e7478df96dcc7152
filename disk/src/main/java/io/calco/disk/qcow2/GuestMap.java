package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.Mapping;
import java.io.IOException;

/// Where guest bytes lie, by the L1 and L2 tables.
///
/// Thread rule: reading beside other threads; what changes entries, alone.
final class GuestMap {
  /// Slices that one answer may look through, so that it stays short.
  private static final int SLICES_MAX = 64;

  private final HostFile file;
  private final GuestFile guest;
  private final Geometry geometry;
  private final PointerTable l1;
  private final L2Slices slices;
  private final MetadataAreas areas;
  private final boolean writable;
  private long size;

  /// @param guest where guest bytes lie
  /// @param areas where guest data must not lie
  /// @param writable entries marked as this image's own may be written in place
  GuestMap(
      HostFile file,
      GuestFile guest,
      Geometry geometry,
      PointerTable l1,
      long size,
      MetadataAreas areas,
      boolean writable) {
    this.file = file;
    this.guest = guest;
    this.geometry = geometry;
    this.l1 = l1;
    this.slices = new L2Slices(file, geometry);
    this.areas = areas;
    this.writable = writable;
    this.size = size;
  }

  /// Where guest bytes lie.
  GuestFile guest() {
    return guest;
  }

  PointerTable l1() {
    return l1;
  }

  L2Slices slices() {
    return slices;
  }

  long size() {
    return size;
  }

  void setSize(long newSize) {
    size = newSize;
  }

  int l1Index(long offset) {
    return (int) (offset >>> geometry.l2CoverBits());
  }

  private int l2Index(long offset) {
    return (int) (offset >>> geometry.clusterBits()) & (geometry.l2Entries() - 1);
  }

  /// The first guest byte after those mapped by the same L2 table.
  long tableEnd(long offset) {
    return (offset | ((1L << geometry.l2CoverBits()) - 1)) + 1;
  }

  /// Where the L2 table of a guest offset lies, or 0 when there is none.
  long tableOffset(long offset) throws IOException {
    int index = l1Index(offset);
    long table = L2Entry.hostOffset(l1.get(index));
    if (geometry.inCluster(table) != 0) {
      throw CorruptImageException.at(
          file.name(),
          "L1 entry",
          l1.hostOffset() + 8L * index,
          "0x%x".formatted(l1.get(index)),
          "the offset of a cluster");
    }
    return table;
  }

  /// True when the L2 table of a guest offset may be written in place.
  boolean ownsTable(long offset) {
    return L2Entry.copied(l1.get(l1Index(offset)));
  }

  private int wordIndex(long offset) {
    return l2Index(offset) * geometry.entryWords() & (slices.sliceWords() - 1);
  }

  /// The slice that holds the entry of a guest offset, whose L2 table is at `table`.
  private L2Slices.Slice slice(long table, long offset) throws IOException {
    long word = (long) l2Index(offset) * geometry.entryWords();
    return slices.get(table + 8 * (word - wordIndex(offset)));
  }

  /// The entry's first word; 0 where there is no L2 table.
  long word(long offset) throws IOException {
    long table = tableOffset(offset);
    return table == 0 ? 0 : slice(table, offset).word(wordIndex(offset));
  }

  /// The extended entry's bitmap; 0 where there is no L2 table.
  long bitmap(long offset) throws IOException {
    long table = tableOffset(offset);
    return table == 0 ? 0 : slice(table, offset).word(wordIndex(offset) + 1);
  }

  /// Changes an entry; its L2 table exists and is this image's own.
  void set(long offset, long word, long bitmap) throws IOException {
    L2Slices.Slice slice = slice(tableOffset(offset), offset);
    slices.set(slice, wordIndex(offset), word);
    if (geometry.extendedL2()) {
      slices.set(slice, wordIndex(offset) + 1, bitmap);
    }
  }

  /// As [io.calco.disk.FormatDriver#map].
  Mapping map(long offset, long maxLength) throws IOException {
    guest.checkUnlocked();
    long end = Math.min(Math.addExact(offset, maxLength), size);
    MapRun run = new MapRun(geometry, file, guest, offset);
    int slicesLeft = SLICES_MAX;
    long at = offset;
    while (at < end && slicesLeft > 0) {
      long table = tableOffset(at);
      if (table == 0) {
        long next = Math.min(end, tableEnd(at));
        if (!run.extendUnallocated(next - at)) {
          break;
        }
        at = next;
        continue;
      }
      long next = scan(run, table, at, end);
      if (next == at) {
        break;
      }
      at = next;
      slicesLeft--;
      if (run.isClosed()) {
        break;
      }
    }
    return run.finish(areas);
  }

  /// Extends the run by the entries of one slice; the guest offset reached.
  private long scan(MapRun run, long table, long from, long end) throws IOException {
    L2Slices.Slice slice = slice(table, from);
    boolean own = writable && ownsTable(from);
    int words = geometry.entryWords();
    int index = wordIndex(from);
    long at = from;
    while (at < end && index < slices.sliceWords()) {
      long word = slice.word(index);
      long bitmap = words == 2 ? slice.word(index + 1) : 0;
      long clusterEnd = geometry.clusterStart(at) + geometry.clusterSize();
      long done = run.extend(word, bitmap, at, Math.min(end, clusterEnd), own);
      at += done;
      if (run.isClosed()) {
        break;
      }
      index += words;
    }
    return at;
  }
}
