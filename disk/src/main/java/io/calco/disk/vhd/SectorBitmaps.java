package io.calco.disk.vhd;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// The sector bitmaps used last, bounded in memory (about 4 MiB). A bit, the highest of a byte
/// first, says that the block holds its sector. Changed bitmaps stay until [#writeChanges].
///
/// Thread rule: [#get] beside other threads; changes alone.
final class SectorBitmaps {
  private static final int MEMORY_BYTES = 4 << 20;

  private static final class Bitmap {
    final byte[] bits;
    boolean changed;

    Bitmap(byte[] bits) {
      this.bits = bits;
    }
  }

  private final HostFile file;
  private final int length;
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, Bitmap> bitmaps = new LinkedHashMap<>(64, 0.75f, true);
  private int changed;

  /// @param length bytes of each bitmap
  SectorBitmaps(HostFile file, int length) {
    this.file = file;
    this.length = length;
    this.capacity = Math.max(16, MEMORY_BYTES / length);
  }

  /// The bitmap at a host offset; to be read only.
  byte[] get(long hostOffset) throws IOException {
    lock.lock();
    try {
      return bitmap(hostOffset).bits;
    } finally {
      lock.unlock();
    }
  }

  private Bitmap bitmap(long hostOffset) throws IOException {
    Bitmap bitmap = bitmaps.get(hostOffset);
    if (bitmap == null) {
      byte[] bits = new byte[length];
      try {
        file.read(hostOffset, MemorySegment.ofArray(bits));
      } catch (EOFException e) {
        throw CorruptImageException.at(
            file.name(), "sector bitmap", hostOffset, "the end of the file", length + " bytes");
      }
      bitmap = new Bitmap(bits);
      keep(hostOffset, bitmap);
    }
    return bitmap;
  }

  private void keep(long hostOffset, Bitmap bitmap) {
    Iterator<Bitmap> eldest = bitmaps.values().iterator();
    while (bitmaps.size() >= capacity && eldest.hasNext()) {
      if (!eldest.next().changed) {
        eldest.remove();
      }
    }
    bitmaps.put(hostOffset, bitmap);
  }

  /// Writes the first bitmap of a new block, whose host space may hold anything.
  void create(long hostOffset, boolean full) throws IOException {
    byte[] bits = new byte[length];
    Arrays.fill(bits, (byte) (full ? 0xFF : 0));
    file.write(hostOffset, MemorySegment.ofArray(bits));
    Bitmap old = bitmaps.remove(hostOffset);
    if (old != null && old.changed) {
      changed--;
    }
    keep(hostOffset, new Bitmap(bits));
  }

  /// Sets the bits of some sectors in memory.
  void set(long hostOffset, int first, int count) throws IOException {
    Bitmap bitmap = bitmap(hostOffset);
    if (run(bitmap.bits, first, count) == count && isSet(bitmap.bits, first)) {
      return;
    }
    for (int sector = first; sector < first + count; sector++) {
      bitmap.bits[sector >> 3] |= (byte) (0x80 >> (sector & 7));
    }
    if (!bitmap.changed) {
      bitmap.changed = true;
      changed++;
    }
  }

  static boolean isSet(byte[] bits, int sector) {
    return (bits[sector >> 3] & 0x80 >> (sector & 7)) != 0;
  }

  /// How many sectors from `first` on, at most `max`, have the same bit as it.
  static int run(byte[] bits, int first, int max) {
    boolean set = isSet(bits, first);
    byte same = (byte) (set ? 0xFF : 0);
    int at = first + 1;
    int end = first + max;
    while (at < end) {
      if ((at & 7) == 0 && bits[at >> 3] == same) {
        at += 8;
      } else if (isSet(bits, at) == set) {
        at++;
      } else {
        break;
      }
    }
    return Math.min(at, end) - first;
  }

  boolean isChanged() {
    return changed > 0;
  }

  /// True when so much is changed that it should be written.
  boolean mustWrite() {
    return changed > capacity / 2;
  }

  /// Writes the changed bitmaps, in the file's order.
  void writeChanges() throws IOException {
    if (changed == 0) {
      return;
    }
    List<Map.Entry<Long, Bitmap>> all = new ArrayList<>(bitmaps.entrySet());
    all.removeIf(entry -> !entry.getValue().changed);
    all.sort(Map.Entry.comparingByKey());
    for (Map.Entry<Long, Bitmap> entry : all) {
      file.write(entry.getKey(), MemorySegment.ofArray(entry.getValue().bits));
      entry.getValue().changed = false;
      changed--;
    }
  }
}
