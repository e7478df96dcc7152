package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.Mapping;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Makes guest bytes writable, zero or unallocated, by changing L2 entries.
///
/// Thread rule: confined to whoever may change the image.
final class GuestWriter {
  private final HostFile file;
  private final Geometry geometry;
  private final GuestMap map;
  private final ClusterAllocator allocator;
  private final FreedClusters freed;
  private final MetadataAreas areas;

  GuestWriter(
      HostFile file,
      Geometry geometry,
      GuestMap map,
      ClusterAllocator allocator,
      FreedClusters freed,
      MetadataAreas areas) {
    this.file = file;
    this.geometry = geometry;
    this.map = map;
    this.allocator = allocator;
    this.freed = freed;
    this.areas = areas;
  }

  /// As [io.calco.disk.FormatDriver#allocate].
  Qcow2Allocation allocate(long offset, long length) throws IOException {
    if (map.map(offset, length) instanceof Mapping.Data data && data.inPlace()) {
      return new Qcow2Allocation(offset, data.length(), data.file(), data.hostOffset(), false);
    }
    return isOwn(offset, map.word(offset))
        ? reuse(offset, offset + length)
        : allocateFresh(offset, offset + length);
  }

  private ClusterRun allocateClusters(long most) throws IOException {
    ClusterRun run = allocator.allocateRun(most);
    areas.grow(allocator.allocatedEnd());
    return run;
  }

  /// True when the entry has a host cluster that nobody else refers to.
  private boolean isOwn(long offset, long word) throws IOException {
    return !L2Entry.compressed(word)
        && (external() || hostOf(offset, word) != 0)
        && L2Entry.copied(word)
        && map.ownsTable(offset);
  }

  /// True when guest clusters lie in another file, where the guest sees them.
  private boolean external() {
    return map.guest().external() != null;
  }

  private long hostOf(long offset, long word) throws IOException {
    long host = L2Entry.hostOffset(word);
    if (geometry.inCluster(host) != 0) {
      throw new CorruptImageException(
          "%s: L2 entry for guest offset 0x%x: found 0x%x, expected the offset of a cluster"
              .formatted(file.name(), offset, word));
    }
    return host;
  }

  private Qcow2Allocation reuse(long offset, long end) throws IOException {
    long start = unitStart(offset);
    long host = L2Entry.hostOffset(map.word(offset));
    long hostStart = host + geometry.inCluster(start);
    long at = clusterEnd(offset);
    while (at < end) {
      long word = map.word(at);
      if (!isOwn(at, word) || L2Entry.hostOffset(word) != hostStart + (at - start)) {
        break;
      }
      at += geometry.clusterSize();
    }
    long stop = Math.min(at, unitEnd(end));
    if (!external()) {
      areas.checkWritable(hostStart, stop - start);
    }
    return new Qcow2Allocation(
        start, stop - start, map.guest().at(start, hostStart), hostStart, false);
  }

  private Qcow2Allocation allocateFresh(long offset, long end) throws IOException {
    long first = geometry.clusterStart(offset);
    long at = first;
    while (at < end && (at == first || !isOwn(at, map.word(at)))) {
      if (at == first || tableStart(at)) {
        makeTableWritable(at);
      }
      at += geometry.clusterSize();
    }
    long wanted = (at - first) >>> geometry.clusterBits();
    ClusterRun host =
        external() ? new ClusterRun(geometry.clusterOf(first), wanted) : allocateClusters(wanted);
    long runEnd = first + (host.count() << geometry.clusterBits());
    long start = mustCopy(first) ? first : unitStart(offset);
    long stop = end >= runEnd || mustCopy(runEnd - geometry.clusterSize()) ? runEnd : unitEnd(end);
    long hostOffset = (host.first() << geometry.clusterBits()) + (start - first);
    return new Qcow2Allocation(
        start, stop - start, map.guest().at(start, hostOffset), hostOffset, true);
  }

  private boolean tableStart(long offset) {
    return (offset & ((1L << geometry.l2CoverBits()) - 1)) == 0;
  }

  /// True when the cluster's old bytes do not stay where they are, so that all of them must be
  /// written anew.
  private boolean mustCopy(long offset) throws IOException {
    long word = map.word(offset);
    return L2Entry.compressed(word)
        || !external()
            && geometry.extendedL2()
            && L2Entry.hostOffset(word) != 0
            && (map.bitmap(offset) & L2Entry.ALL_ALLOCATED) != 0;
  }

  private long unitStart(long offset) {
    return offset & -(long) geometry.unitSize();
  }

  private long unitEnd(long offset) {
    return unitStart(offset + geometry.unitSize() - 1);
  }

  private long clusterEnd(long offset) {
    return geometry.clusterStart(offset) + geometry.clusterSize();
  }

  /// Makes sure that the L2 table of a guest offset exists and is this image's own: a new one of
  /// zeroes, or a copy of one that a snapshot shares. It is written at once, before anything refers
  /// to it.
  void makeTableWritable(long offset) throws IOException {
    long old = map.tableOffset(offset);
    if (old != 0 && map.ownsTable(offset)) {
      return;
    }
    long table = allocator.allocateRun(1).first() << geometry.clusterBits();
    MemorySegment bytes = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
    if (old != 0) {
      file.read(old, bytes);
      freed.add(geometry.clusterOf(old), 1);
    }
    map.slices().forget(table, geometry.clusterSize());
    file.write(table, bytes);
    map.l1().set(map.l1Index(offset), table | L2Entry.COPIED);
  }

  /// As [io.calco.disk.FormatDriver#commit].
  void commit(Qcow2Allocation run) throws IOException {
    long end = run.offset() + run.length();
    long runHost = run.hostOffset() - geometry.inCluster(run.offset());
    long first = geometry.clusterStart(run.offset());
    for (long at = first; at < end; at += geometry.clusterSize()) {
      long word = map.word(at);
      long host = runHost + (at - first);
      long bitmap = 0;
      if (geometry.extendedL2()) {
        long touched = subclusters(Math.max(run.offset(), at), Math.min(end, clusterEnd(at)));
        bitmap = L2Entry.compressed(word) ? 0 : map.bitmap(at);
        bitmap = (bitmap | touched) & ~(touched << 32);
      }
      if (run.fresh()) {
        free(at, word);
      }
      map.set(at, host | L2Entry.COPIED, bitmap);
    }
  }

  /// Makes a run of extended entries just committed show the backing image again, its host clusters
  /// kept.
  void showBelow(Qcow2Allocation run) throws IOException {
    long end = run.offset() + run.length();
    for (long at = run.offset(); at < end; at += geometry.clusterSize()) {
      map.set(at, map.word(at), 0);
    }
  }

  /// Low bits of the subclusters that `[from, to)`, within one cluster, touches whole.
  private long subclusters(long from, long to) {
    int size = geometry.unitSize();
    int first = (int) (geometry.inCluster(from) / size);
    int count = (int) ((to - from + size - 1) / size);
    return (1L << count) - 1 << first & L2Entry.ALL_ALLOCATED;
  }

  /// As [io.calco.disk.FormatDriver#abandon].
  void abandon(Qcow2Allocation run) throws IOException {
    if (!run.fresh() || external()) {
      return;
    }
    long end = run.offset() + run.length();
    long runHost = run.hostOffset() - geometry.inCluster(run.offset());
    long first = geometry.clusterStart(run.offset());
    for (long at = first; at < end; at += geometry.clusterSize()) {
      long host = runHost + (at - first);
      long word = map.word(at);
      if (L2Entry.compressed(word) || L2Entry.hostOffset(word) != host) {
        freed.add(geometry.clusterOf(host), 1);
      }
    }
  }

  /// Notes that the entry `word` no longer refers to its host clusters.
  void free(long offset, long word) throws IOException {
    if (external()) {
      return;
    }
    if (L2Entry.compressed(word)) {
      long from = L2Entry.compressedOffset(word, geometry);
      long last = from + L2Entry.compressedLength(word, geometry) - 1;
      freed.add(geometry.clusterOf(from), geometry.clusterOf(last) - geometry.clusterOf(from) + 1);
    } else {
      long host = hostOf(offset, word);
      if (host != 0) {
        freed.add(geometry.clusterOf(host), 1);
      }
    }
  }

  /// Makes the guest bytes `[from, to)`, whole units or up to the end of the disk, read as zeroes;
  /// stops before a compressed cluster that is touched in part.
  ///
  /// @param showsBelow what is unallocated reads as something else than zeroes
  /// @return the guest offset reached
  long zero(long from, long to, ZeroMode mode, boolean showsBelow) throws IOException {
    long at = from;
    while (at < to) {
      if (map.tableOffset(at) == 0 && !showsBelow && mode == ZeroMode.MAY_UNMAP) {
        at = Math.min(to, map.tableEnd(at));
        continue;
      }
      long end = Math.min(to, clusterEnd(at));
      if (!zeroCluster(at, end, mode, showsBelow)) {
        break;
      }
      at = end;
    }
    return at;
  }

  private boolean zeroCluster(long from, long to, ZeroMode mode, boolean showsBelow)
      throws IOException {
    long word = map.word(from);
    DataFile data = map.guest().external();
    if (data != null && data.raw()) {
      data.punch(from, to - from);
      return mode == ZeroMode.MAY_UNMAP;
    }
    boolean whole = geometry.inCluster(from) == 0 && to == Math.min(clusterEnd(from), map.size());
    if (L2Entry.compressed(word) && !whole) {
      return false;
    }
    long bitmap = geometry.extendedL2() && !L2Entry.compressed(word) ? map.bitmap(from) : 0;
    long newWord = L2Entry.compressed(word) ? 0 : word;
    long newBitmap = bitmap;
    boolean mark = showsBelow || mode == ZeroMode.KEEP_ALLOCATED;
    if (geometry.extendedL2()) {
      long touched = whole ? L2Entry.ALL_ALLOCATED : subclusters(from, to);
      newBitmap &= ~touched;
      newBitmap = mark ? newBitmap | touched << 32 : newBitmap & ~(touched << 32);
      if (mode == ZeroMode.MAY_UNMAP && (newBitmap & L2Entry.ALL_ALLOCATED) == 0) {
        newWord = 0;
      }
    } else {
      newWord = (mode == ZeroMode.MAY_UNMAP ? 0 : newWord) & ~L2Entry.ZERO;
      newWord |= mark ? L2Entry.ZERO : 0;
    }
    boolean allocated = L2Entry.hostOffset(newWord) != 0 || data != null && L2Entry.copied(newWord);
    boolean keeps = mode == ZeroMode.KEEP_ALLOCATED && !allocated;
    if (newWord == word && newBitmap == bitmap && !keeps) {
      return true;
    }
    makeTableWritable(from);
    if (keeps) {
      long host =
          data != null
              ? geometry.clusterStart(from)
              : allocateClusters(1).first() << geometry.clusterBits();
      newWord |= host | L2Entry.COPIED;
    }
    if (L2Entry.compressed(word) || L2Entry.hostOffset(newWord) != L2Entry.hostOffset(word)) {
      free(from, word);
    }
    map.set(from, newWord, newBitmap);
    if (data != null && mode == ZeroMode.MAY_UNMAP) {
      data.punch(from, to - from);
    }
    return true;
  }

  /// Drops all clusters from `from`, a cluster's start, to the end of what the same L2 table maps;
  /// also the table, when it maps nothing before.
  ///
  /// @return the guest offset reached
  long dropTable(long from) throws IOException {
    long table = map.tableOffset(from);
    long end = map.tableEnd(from);
    if (table == 0) {
      return end;
    }
    boolean whole = tableStart(from);
    if (!whole) {
      makeTableWritable(from);
    }
    for (long at = from; at < end; at += geometry.clusterSize()) {
      free(at, map.word(at));
      if (!whole) {
        map.set(at, 0, 0);
      }
    }
    if (whole) {
      map.l1().set(map.l1Index(from), 0);
      freed.add(geometry.clusterOf(table), 1);
      map.slices().forget(table, geometry.clusterSize());
    }
    return end;
  }
}
