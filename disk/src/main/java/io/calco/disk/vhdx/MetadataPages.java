package io.calco.disk.vhdx;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// The metadata of a file in pages of 4 KiB, which is what the log works in: at most 8 MiB of them
/// are kept, besides those that were changed and not committed.
///
/// Thread rule: reading beside each other; all else alone.
final class MetadataPages {
  private static final int CLEAN_MAX = 2048;

  /// Changed pages that should be committed before there are more.
  private static final int CHANGED_MAX = 4096;

  private final HostFile file;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, MemorySegment> clean = new LinkedHashMap<>(64, 0.75f, true);
  private final TreeMap<Long, MemorySegment> changed = new TreeMap<>();

  MetadataPages(HostFile file) {
    this.file = file;
  }

  /// The number at a place on a grid of 8 bytes.
  long longAt(long offset) throws IOException {
    return page(offset).get(VhdxLayout.U64, offset % VhdxLayout.PAGE);
  }

  void setLong(long offset, long value) throws IOException {
    if (longAt(offset) != value) {
      changedPage(offset).set(VhdxLayout.U64, offset % VhdxLayout.PAGE, value);
    }
  }

  /// True when that bit is set: bits count from each byte's lowest.
  boolean bit(long offset, long bit) throws IOException {
    return (longAt(offset + bit / 64 * 8) >>> bit % 64 & 1) != 0;
  }

  /// The first bit from `from` on that differs from it, or `to`.
  ///
  /// @param offset where bit 0 lies
  long runOfBits(long offset, long from, long to) throws IOException {
    long same = bit(offset, from) ? -1L : 0;
    for (long bit = from; bit < to; bit += 64 - bit % 64) {
      long other = (longAt(offset + bit / 64 * 8) ^ same) >>> bit % 64;
      if (other != 0) {
        return Math.min(to, bit + Long.numberOfTrailingZeros(other));
      }
    }
    return to;
  }

  /// Sets a run of bits.
  void setBits(long offset, long from, long to, boolean value) throws IOException {
    for (long bit = from; bit < to; ) {
      long word = offset + bit / 64 * 8;
      long count = Math.min(64 - bit % 64, to - bit);
      long mask = (count == 64 ? -1L : (1L << count) - 1) << bit % 64;
      long old = longAt(word);
      setLong(word, value ? old | mask : old & ~mask);
      bit += count;
    }
  }

  /// The page that a place lies in, to be read only.
  MemorySegment page(long offset) throws IOException {
    lock.lock();
    try {
      return pageLocked(offset - offset % VhdxLayout.PAGE);
    } finally {
      lock.unlock();
    }
  }

  private MemorySegment pageLocked(long at) throws IOException {
    MemorySegment page = changed.get(at);
    if (page == null) {
      page = clean.get(at);
    }
    if (page == null) {
      page = VhdxLayout.read(file, "metadata page", at, VhdxLayout.PAGE);
      clean.put(at, page);
      if (clean.size() > CLEAN_MAX) {
        Iterator<Long> eldest = clean.keySet().iterator();
        eldest.next();
        eldest.remove();
      }
    }
    return page;
  }

  private MemorySegment changedPage(long offset) throws IOException {
    long at = offset - offset % VhdxLayout.PAGE;
    MemorySegment page = page(offset);
    clean.remove(at);
    changed.put(at, page);
    return page;
  }

  boolean isChanged() {
    return !changed.isEmpty();
  }

  boolean mustCommit() {
    return changed.size() >= CHANGED_MAX;
  }

  /// The changed pages by their places, ascending.
  List<Map.Entry<Long, MemorySegment>> changes() {
    return new ArrayList<>(changed.entrySet());
  }

  /// All changes are in the file.
  void committed() {
    clean.putAll(changed);
    changed.clear();
    Iterator<Long> eldest = clean.keySet().iterator();
    while (clean.size() > CLEAN_MAX) {
      eldest.next();
      eldest.remove();
    }
  }
}
