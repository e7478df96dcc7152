package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

import io.calco.disk.Barrier;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Changes a hosted sparse extent: new grains go to the end of its file, and a grain keeps its
/// place for ever. What becomes zero is a hole of the file, or an entry of 1 where the format has
/// that and something below must be hidden.
///
/// Entries are changed in memory and written by [#flush], after the grains they point to.
///
/// Thread rule: confined to whoever may change the image.
final class SparseEditor {
  /// Sectors are numbered by 32 bits.
  private static final long FILE_LIMIT = (1L << 32) * SECTOR;

  private final HostFile file;
  private final Barrier barrier;
  private final long base;
  private SparseHeader header;
  private SparseExtent extent;
  private boolean begun;

  /// The first byte after all grains; a multiple of a grain.
  private long end;

  /// @param base guest offset of the extent's first byte
  /// @param header as it stands in the file
  SparseEditor(SparseExtent extent, SparseHeader header, long base) throws IOException {
    this.extent = extent;
    this.header = header;
    this.base = base;
    this.file = extent.file();
    int grain = extent.geometry().grainBytes();
    end = up(Math.max(file.size(), header.overhead() * SECTOR), grain);
    boolean empty = file.size() <= up(header.overhead() * SECTOR, grain);
    barrier = new Barrier(file::sync, !empty);
  }

  private static long up(long value, long unit) {
    return Math.ceilDiv(value, unit) * unit;
  }

  SparseExtent extent() {
    return extent;
  }

  SparseHeader header() {
    return header;
  }

  /// Marks the extent as being written.
  private void begin() throws IOException {
    if (!begun) {
      begun = true;
      mark((byte) 1);
    }
  }

  private void mark(byte unclean) throws IOException {
    file.write(SparseLayout.UNCLEAN_SHUTDOWN, MemorySegment.ofArray(new byte[] {unclean}));
  }

  /// As [io.calco.disk.FormatDriver#allocate], within the extent.
  GrainAllocation allocate(long offset, long length) throws IOException {
    begin();
    SparseGeometry geometry = extent.geometry();
    int grain = geometry.grainBytes();
    long first = offset - offset % grain;
    long at = first;
    long stop = Math.min(offset + length, extent.size());
    while (at < stop && (at == first || !isAllocated(at))) {
      if (at == first || at % geometry.tableCover() == 0) {
        makeTable(at);
      }
      at += grain;
    }
    checkRoom(at - first);
    long host = end;
    end += at - first;
    return new GrainAllocation(base, first, Math.min(at, extent.size()) - first, file, host);
  }

  private void checkRoom(long length) throws LimitExceededException {
    if (end > FILE_LIMIT - length) {
      throw new LimitExceededException(
          "%s: an extent's grains lie in its first %d bytes".formatted(file.name(), FILE_LIMIT));
    }
  }

  private boolean isAllocated(long offset) throws IOException {
    int entry = entry(offset);
    return entry != 0 && !isZero(entry);
  }

  private boolean isZero(int entry) {
    return entry == SparseLayout.ENTRY_ZERO && extent.geometry().zeroGrains();
  }

  private GrainTables.@Nullable Table table(long offset) throws IOException {
    return extent.tables().find(Math.toIntExact(offset / extent.geometry().tableCover()));
  }

  private int indexInTable(long offset) {
    SparseGeometry geometry = extent.geometry();
    return (int) (offset % geometry.tableCover() / geometry.grainBytes());
  }

  private int entry(long offset) throws IOException {
    GrainTables.Table table = table(offset);
    return table == null ? 0 : table.entry(indexInTable(offset));
  }

  /// Makes sure that a grain table exists. A new one is written as zeroes and waited for before a
  /// directory names it.
  private void makeTable(long offset) throws IOException {
    if (table(offset) != null) {
      return;
    }
    int index = Math.toIntExact(offset / extent.geometry().tableCover());
    long primary = zeroes(extent.geometry().tableBytes());
    long redundant = header.redundant() ? zeroes(extent.geometry().tableBytes()) : 0;
    barrier.raise();
    extent.tables().addTable(index, primary / SECTOR, redundant / SECTOR);
  }

  /// Takes host space at the end of the file for metadata, and writes zeroes there.
  private long zeroes(long length) throws IOException {
    long place = end;
    checkRoom(length);
    end = up(end + length, extent.geometry().grainBytes());
    file.truncate(end);
    return place;
  }

  /// Makes an allocation visible.
  void commit(GrainAllocation run) throws IOException {
    SparseGeometry geometry = extent.geometry();
    int grain = geometry.grainBytes();
    for (long done = 0; done < run.length(); done += grain) {
      set(run.inExtent() + done, (int) ((run.hostOffset() + done) / SECTOR));
    }
  }

  private void set(long offset, int entry) throws IOException {
    GrainTables.Table table = java.util.Objects.requireNonNull(table(offset), "no grain table");
    extent.tables().set(table, indexInTable(offset), entry);
    if (extent.tables().mustWrite()) {
      flush();
    }
  }

  /// Takes an allocation back: what lies at the end is used again.
  void abandon(GrainAllocation run) {
    long after = up(run.hostOffset() + run.length(), extent.geometry().grainBytes());
    if (after == end && entriesUntouched(run)) {
      end = run.hostOffset();
    }
  }

  private boolean entriesUntouched(GrainAllocation run) {
    try {
      return entry(run.inExtent()) != (int) (run.hostOffset() / SECTOR);
    } catch (IOException unreadable) {
      return false;
    }
  }

  /// As [io.calco.disk.FormatDriver#zero], within the extent.
  ///
  /// @param showsBelow what is unallocated reads as something else than zeroes
  long zero(long offset, long length, boolean showsBelow) throws IOException {
    int grain = extent.geometry().grainBytes();
    long stop = offset + length;
    if (stop != extent.size()) {
      stop -= stop % grain;
    }
    if (offset % grain != 0 || stop <= offset) {
      return 0;
    }
    begin();
    Holes holes = new Holes();
    long at = offset;
    while (at < stop) {
      GrainTables.Table table = table(at);
      if (table == null && !showsBelow) {
        long cover = extent.geometry().tableCover();
        at = Math.min(stop, at - at % cover + cover);
        continue;
      }
      int entry = entry(at);
      if (isZero(entry) || entry == 0 && !showsBelow) {
        at += grain;
        continue;
      }
      if (entry != 0) {
        holes.add(extent.place(entry, at), grain);
      } else if (extent.geometry().zeroGrains()) {
        makeTable(at);
        set(at, SparseLayout.ENTRY_ZERO);
      } else {
        break;
      }
      at += grain;
    }
    holes.punch();
    return Math.min(at, stop) - offset;
  }

  /// Runs of the file that become holes, neighbours joined.
  private final class Holes {
    private long from;
    private long to;

    void add(long place, long length) throws IOException {
      if (place != to) {
        punch();
        from = place;
      }
      to = place + length;
    }

    void punch() throws IOException {
      long inFile = Math.min(to, file.size()) - from;
      if (inFile > 0) {
        file.punchHole(from, inFile);
      }
      from = 0;
      to = 0;
    }
  }

  /// As [io.calco.disk.FormatDriver#discard], within the extent: what is allocated becomes holes.
  void discard(long offset, long length) throws IOException {
    int grain = extent.geometry().grainBytes();
    Holes holes = new Holes();
    long stop = offset + length;
    for (long at = up(offset, grain); at + grain <= stop; ) {
      GrainTables.Table table = table(at);
      if (table == null) {
        long cover = extent.geometry().tableCover();
        at = at - at % cover + cover;
        continue;
      }
      int entry = table.entry(indexInTable(at));
      if (entry != 0 && !isZero(entry)) {
        holes.add(extent.place(entry, at), grain);
      }
      at += grain;
    }
    holes.punch();
  }

  /// Changes the size. Grains behind a smaller end are given up; a larger end that needs more
  /// tables moves the directories to the end of the file.
  void resize(long newSize) throws IOException {
    begin();
    long capacity = newSize / SECTOR;
    if (newSize < extent.size()) {
      giveUp(newSize);
    }
    flush();
    SparseHeader next =
        header.resized(capacity, header.redundantDirectory(), header.directory()).checked(file);
    if (next.tables() > extent.geometry().tables()) {
      next = moveDirectories(next);
    }
    barrier.raise();
    file.write(0, next.withUnclean().encode());
    header = next;
    extent =
        new SparseExtent(
            file,
            SparseGeometry.of(next),
            ImageFiles.metadataEnd(next),
            true,
            ImageFiles.CACHE_BYTES);
  }

  private void giveUp(long newSize) throws IOException {
    int grain = extent.geometry().grainBytes();
    discard(newSize, up(extent.size() - newSize, grain) + grain);
    for (long at = up(newSize, grain); at < extent.size(); ) {
      if (table(at) == null) {
        at = at - at % extent.geometry().tableCover() + extent.geometry().tableCover();
        continue;
      }
      set(at, 0);
      at += grain;
    }
  }

  private SparseHeader moveDirectories(SparseHeader next) throws IOException {
    int old = extent.geometry().tables();
    int tables = Math.toIntExact(next.tables());
    long redundant = header.redundant() ? moveDirectory(old, tables, true) : 0;
    long primary = moveDirectory(old, tables, false);
    return next.resized(next.capacity(), redundant / SECTOR, primary / SECTOR);
  }

  private long moveDirectory(int old, int tables, boolean redundant) throws IOException {
    long tableBytes = up(extent.geometry().tableBytes(), SECTOR);
    long place = end;
    long directoryBytes = up(4L * tables, SECTOR);
    long firstTable = place + directoryBytes;
    zeroes(directoryBytes + (tables - old) * tableBytes);
    int[] entries = new int[tables];
    for (int i = 0; i < tables; i++) {
      entries[i] =
          i < old
              ? (int) extent.tables().sector(i, redundant)
              : (int) ((firstTable + (i - old) * tableBytes) / SECTOR);
    }
    GrainDirectory.writeEntries(file, place, entries, 0, tables);
    return place;
  }

  /// Writes the changed entries, after what they point to.
  void flush() throws IOException {
    if (file.size() < end) {
      file.truncate(end);
    }
    if (extent.tables().isChanged()) {
      barrier.raise();
      extent.tables().writeChanges();
    }
  }

  void sync() throws IOException {
    flush();
    barrier.sync();
  }

  /// Flushes, and marks the extent as closed; one that was found unclean stays so until a repair
  /// has compared its tables.
  void close() throws IOException {
    if (begun) {
      flush();
      barrier.raise();
      mark((byte) (header.uncleanShutdown() ? 1 : 0));
      begun = false;
    }
  }
}
