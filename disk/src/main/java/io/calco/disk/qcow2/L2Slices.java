package io.calco.disk.qcow2;

import io.calco.disk.HostFile;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// The L2 entries used last, in slices of L2 tables, bounded in memory.
///
/// Changed slices stay until [#writeChanges]; whoever changes entries asks [#mustWrite] often
/// enough that at most half of the slices are changed ones.
///
/// Thread rule: [#get] beside other threads; changes alone.
final class L2Slices {
  private static final int SLICE_BYTES = 16 << 10;
  private static final int MEMORY_BYTES = 16 << 20;

  /// A part of an L2 table.
  static final class Slice {
    private final long hostOffset;
    private final long[] words;
    private int changedFrom;
    private int changedTo;

    private Slice(long hostOffset, long[] words) {
      this.hostOffset = hostOffset;
      this.words = words;
    }

    long word(int index) {
      return words[index];
    }

    private boolean isChanged() {
      return changedFrom < changedTo;
    }
  }

  private final HostFile file;
  private final int sliceWords;
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, Slice> slices = new LinkedHashMap<>(64, 0.75f, true);
  private int changedSlices;

  L2Slices(HostFile file, Geometry geometry) {
    this.file = file;
    int sliceBytes = Math.min(SLICE_BYTES, geometry.clusterSize());
    this.sliceWords = sliceBytes / 8;
    this.capacity = MEMORY_BYTES / sliceBytes;
  }

  /// 64-bit words in a slice.
  int sliceWords() {
    return sliceWords;
  }

  /// The slice at a host offset, a multiple of the slice's length within a table.
  Slice get(long hostOffset) throws IOException {
    lock.lock();
    try {
      Slice slice = slices.get(hostOffset);
      if (slice == null) {
        slice = new Slice(hostOffset, PointerTable.readEntries(file, hostOffset, sliceWords));
        makeRoom();
        slices.put(hostOffset, slice);
      }
      return slice;
    } catch (EOFException e) {
      throw new io.calco.disk.CorruptImageException(
          "%s: L2 table at 0x%x: found the end of the file at 0x%x, expected a whole table"
              .formatted(file.name(), hostOffset, file.size()));
    } finally {
      lock.unlock();
    }
  }

  private void makeRoom() {
    Iterator<Slice> eldest = slices.values().iterator();
    while (slices.size() >= capacity && eldest.hasNext()) {
      if (!eldest.next().isChanged()) {
        eldest.remove();
      }
    }
  }

  /// Changes a word of a slice just got.
  void set(Slice slice, int index, long word) {
    if (slice.words[index] == word) {
      return;
    }
    slice.words[index] = word;
    if (!slice.isChanged()) {
      slices.put(slice.hostOffset, slice);
      changedSlices++;
      slice.changedFrom = index;
      slice.changedTo = index + 1;
    } else {
      slice.changedFrom = Math.min(slice.changedFrom, index);
      slice.changedTo = Math.max(slice.changedTo, index + 1);
    }
  }

  boolean isChanged() {
    return changedSlices > 0;
  }

  /// True when so many slices are changed that they should be written.
  boolean mustWrite() {
    return changedSlices > capacity / 2;
  }

  /// Writes the changed words, in host order.
  void writeChanges() throws IOException {
    if (changedSlices == 0) {
      return;
    }
    List<Slice> changed = new ArrayList<>(changedSlices);
    for (Slice slice : slices.values()) {
      if (slice.isChanged()) {
        changed.add(slice);
      }
    }
    changed.sort((a, b) -> Long.compare(a.hostOffset, b.hostOffset));
    for (Slice slice : changed) {
      PointerTable.writeEntries(
          file,
          slice.hostOffset,
          slice.words,
          slice.changedFrom,
          slice.changedTo - slice.changedFrom);
      slice.changedFrom = 0;
      slice.changedTo = 0;
      changedSlices--;
    }
  }

  /// Forgets everything, because tables were written past this cache; no slice is changed.
  void forgetAll() {
    lock.lock();
    try {
      slices.clear();
      changedSlices = 0;
    } finally {
      lock.unlock();
    }
  }

  /// Forgets a table that is freed or was written past this cache.
  void forget(long tableOffset, long tableLength) {
    lock.lock();
    try {
      for (long at = tableOffset; at < tableOffset + tableLength; at += 8L * sliceWords) {
        Slice slice = slices.remove(at);
        if (slice != null && slice.isChanged()) {
          changedSlices--;
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
