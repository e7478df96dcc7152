package io.calco.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// A table of 32-bit entries in a host file, one for each block of a disk: what formats with a
/// single flat table (VHD, VDI) map the guest with. Read in slices that are kept in bounded memory
/// (8 MiB); changed slices stay until [#writeChanges].
///
/// Thread rule: [#get] and [#run] beside each other; all else alone.
public final class EntryTable {
  private static final int SLICE_ENTRIES = 4096;
  private static final int SLICES_MAX = 512;

  private static final class Slice {
    final long index;
    final int[] entries;
    int changedFrom;
    int changedTo;

    Slice(long index, int[] entries) {
      this.index = index;
      this.entries = entries;
    }

    boolean isChanged() {
      return changedFrom < changedTo;
    }
  }

  private final HostFile file;
  private final String structure;
  private final long hostOffset;
  private final long count;
  private final ValueLayout.OfInt layout;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, Slice> slices = new LinkedHashMap<>(64, 0.75f, true);
  private int changedSlices;

  /// A table that lies at `hostOffset`; nothing is read yet.
  ///
  /// @param structure its name in the format's specification, for messages
  /// @param count entries in it; the caller has bounded it
  /// @param order how entries lie in the file
  public EntryTable(HostFile file, String structure, long hostOffset, long count, ByteOrder order) {
    this.file = file;
    this.structure = structure;
    this.hostOffset = hostOffset;
    this.count = count;
    this.layout = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
  }

  /// Entries in the table.
  public long count() {
    return count;
  }

  /// The first byte of the table in the file.
  public long hostOffset() {
    return hostOffset;
  }

  /// One entry; `0 <= index < count()`.
  public int get(long index) throws IOException {
    lock.lock();
    try {
      return slice(index).entries[(int) (index % SLICE_ENTRIES)];
    } finally {
      lock.unlock();
    }
  }

  /// How many entries from `index` on continue its own: the second is it plus `step`, the third
  /// plus twice `step`, and so on.
  ///
  /// @param max most to look at; what lies beyond the table does not count
  /// @return at least 1
  public long run(long index, long max, int step) throws IOException {
    long end = index + Math.clamp(max, 1, count - index);
    lock.lock();
    try {
      int expected = get(index) + step;
      long at = index + 1;
      while (at < end) {
        int[] entries = slice(at).entries;
        int i = (int) (at % SLICE_ENTRIES);
        int stop = (int) Math.min(entries.length, i + end - at);
        int from = i;
        while (i < stop && entries[i] == expected) {
          i++;
          expected += step;
        }
        at += i - from;
        if (i < stop) {
          break;
        }
      }
      return at - index;
    } finally {
      lock.unlock();
    }
  }

  private Slice slice(long index) throws IOException {
    java.util.Objects.checkIndex(index, count);
    long number = index / SLICE_ENTRIES;
    Slice slice = slices.get(number);
    if (slice == null) {
      slice = new Slice(number, read(number));
      Iterator<Slice> eldest = slices.values().iterator();
      while (slices.size() >= SLICES_MAX && eldest.hasNext()) {
        if (!eldest.next().isChanged()) {
          eldest.remove();
        }
      }
      slices.put(number, slice);
    }
    return slice;
  }

  private int[] read(long number) throws IOException {
    long first = number * SLICE_ENTRIES;
    int length = (int) Math.min(SLICE_ENTRIES, count - first);
    int[] entries = new int[length];
    MemorySegment bytes = MemorySegment.ofArray(new byte[4 * length]);
    try {
      file.read(hostOffset + 4 * first, bytes);
    } catch (EOFException e) {
      throw CorruptImageException.at(
          file.name(),
          structure,
          hostOffset + 4 * first,
          "the end of the file at 0x%x".formatted(file.size()),
          "%d entries".formatted(count));
    }
    for (int i = 0; i < length; i++) {
      entries[i] = bytes.get(layout, 4L * i);
    }
    return entries;
  }

  /// Changes an entry in memory.
  public void set(long index, int entry) throws IOException {
    Slice slice = slice(index);
    int i = (int) (index % SLICE_ENTRIES);
    if (slice.entries[i] == entry) {
      return;
    }
    slice.entries[i] = entry;
    if (slice.isChanged()) {
      slice.changedFrom = Math.min(slice.changedFrom, i);
      slice.changedTo = Math.max(slice.changedTo, i + 1);
    } else {
      changedSlices++;
      slice.changedFrom = i;
      slice.changedTo = i + 1;
    }
  }

  /// True when something was changed and not written.
  public boolean isChanged() {
    return changedSlices > 0;
  }

  /// True when so much is changed that it should be written.
  public boolean mustWrite() {
    return changedSlices > SLICES_MAX / 2;
  }

  /// Writes the changed entries, in the file's order.
  public void writeChanges() throws IOException {
    List<Slice> changed = new ArrayList<>(slices.values());
    changed.removeIf(slice -> !slice.isChanged());
    changed.sort((a, b) -> Long.compare(a.index, b.index));
    for (Slice slice : changed) {
      int length = slice.changedTo - slice.changedFrom;
      MemorySegment bytes = MemorySegment.ofArray(new byte[4 * length]);
      for (int i = 0; i < length; i++) {
        bytes.set(layout, 4L * i, slice.entries[slice.changedFrom + i]);
      }
      file.write(hostOffset + 4 * (slice.index * SLICE_ENTRIES + slice.changedFrom), bytes);
      slice.changedFrom = 0;
      slice.changedTo = 0;
      changedSlices--;
    }
  }
}
