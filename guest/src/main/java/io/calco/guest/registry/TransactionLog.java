package io.calco.guest.registry;

import io.calco.disk.bytes.LittleEndian;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The entries of a transaction log of Windows 8.1 and later (specification, "New format").
/// Whatever ends an entry's validity ends the log; nothing here throws.
final class TransactionLog {
  private static final int SECTOR = 512;
  private static final int SIGNATURE = 0x454C7648; // "HvLE"
  private static final int HEADER = 40;

  /// One entry: pages of the hive bins as they shall be.
  static final class Entry {
    private final byte[] log;
    private final int at;
    private final int sequence;
    private final int binsSize;
    private final int pages;

    private Entry(byte[] log, int at) {
      this.log = log;
      this.at = at;
      this.sequence = LittleEndian.s32(log, at + 12);
      this.binsSize = LittleEndian.s32(log, at + 16);
      this.pages = LittleEndian.s32(log, at + 20);
    }

    /// Its number; numbers wrap.
    int sequence() {
      return sequence;
    }

    /// Bytes of all hive bins from now on.
    int binsSize() {
      return binsSize;
    }

    /// Bytes of the log that it is in.
    int logSize() {
      return log.length;
    }

    /// The hive bins with the entry's pages in their places.
    byte[] applyTo(byte[] bins) {
      byte[] result = bins.length == binsSize ? bins : Arrays.copyOf(bins, binsSize);
      int data = at + HEADER + 8 * pages;
      for (int i = 0; i < pages; i++) {
        int offset = LittleEndian.s32(log, at + HEADER + 8 * i);
        int length = LittleEndian.s32(log, at + HEADER + 8 * i + 4);
        System.arraycopy(log, data, result, offset, length);
        data += length;
      }
      return result;
    }
  }

  private TransactionLog() {}

  /// All valid entries of a log's file, in its order.
  static List<Entry> entries(byte[] log) {
    List<Entry> entries = new ArrayList<>();
    int at = SECTOR;
    while (at <= log.length - HEADER && LittleEndian.s32(log, at) == SIGNATURE) {
      long size = LittleEndian.u32(log, at + 4);
      if (size < HEADER || size % SECTOR != 0 || size > log.length - at || !sumsAreRight(log, at)) {
        break;
      }
      Entry entry = new Entry(log, at);
      if (!holdsItsPages(entry, (int) size)) {
        break;
      }
      entries.add(entry);
      at += (int) size;
    }
    return entries;
  }

  private static boolean sumsAreRight(byte[] log, int at) {
    int size = LittleEndian.s32(log, at + 4);
    long pages = Marvin32.sum(log, at + HEADER, size - HEADER, Marvin32.REGISTRY_SEED);
    long header = Marvin32.sum(log, at, 32, Marvin32.REGISTRY_SEED);
    return pages == LittleEndian.s64(log, at + 24) && header == LittleEndian.s64(log, at + 32);
  }

  private static boolean holdsItsPages(Entry entry, int size) {
    if (entry.binsSize <= 0
        || entry.binsSize > Cells.MAX_BINS
        || entry.binsSize % Cells.BIN != 0
        || entry.pages < 0
        || entry.pages > (size - HEADER) / 8) {
      return false;
    }
    long used = HEADER + 8L * entry.pages;
    for (int i = 0; i < entry.pages; i++) {
      long offset = LittleEndian.u32(entry.log, entry.at + HEADER + 8 * i);
      long length = LittleEndian.u32(entry.log, entry.at + HEADER + 8 * i + 4);
      used += length;
      if (offset + length > entry.binsSize || used > size) {
        return false;
      }
    }
    return true;
  }
}
