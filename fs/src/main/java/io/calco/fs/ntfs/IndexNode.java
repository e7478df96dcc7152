package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.util.Arrays;

/// The entries of an index's root or of one of its blocks: a header, entries in order, and a last
/// one without a key.
final class IndexNode {
  static final int HAS_CHILD = 1;
  static final int LAST = 2;

  /// Of an entry, before its key.
  static final int ENTRY_HEADER = 0x10;

  /// Of the header before the entries.
  static final int HEADER = 0x10;

  static final int ROOT_HEADER_AT = 0x10;
  static final int BLOCK_HEADER_AT = 0x18;

  private final byte[] bytes;
  private final int[] starts;
  private final int count;

  private IndexNode(byte[] bytes, int[] starts, int count) {
    this.bytes = bytes;
    this.starts = starts;
    this.count = count;
  }

  /// Looks through a node.
  ///
  /// @param headerAt where its header is
  /// @param limit where the node's bytes end
  /// @param names that its keys are file names
  static IndexNode parse(byte[] bytes, int headerAt, int limit, boolean names)
      throws CorruptImageException {
    if (headerAt + HEADER > limit) {
      throw corrupt(headerAt, limit, "a header");
    }
    long first = LittleEndian.u32(bytes, headerAt);
    long length = LittleEndian.u32(bytes, headerAt + 4);
    if (first < HEADER || (first & 7) != 0 || length > limit - headerAt || first > length) {
      throw corrupt(headerAt, first + ", " + length, "entries within the node");
    }
    int end = headerAt + (int) length;
    int[] starts = new int[16];
    int count = 0;
    for (int at = headerAt + (int) first; ; at += LittleEndian.u16(bytes, at + 8)) {
      if (at + ENTRY_HEADER > end) {
        throw corrupt(at, "the node's end", "a last entry");
      }
      checkEntry(bytes, at, end, names);
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, 2 * count);
      }
      starts[count++] = at;
      if ((LittleEndian.u16(bytes, at + 0x0C) & LAST) != 0) {
        return new IndexNode(bytes, starts, count);
      }
    }
  }

  private static void checkEntry(byte[] bytes, int at, int end, boolean names)
      throws CorruptImageException {
    int length = LittleEndian.u16(bytes, at + 8);
    int key = LittleEndian.u16(bytes, at + 0x0A);
    int flags = LittleEndian.u16(bytes, at + 0x0C);
    int child = (flags & HAS_CHILD) != 0 ? 8 : 0;
    boolean last = (flags & LAST) != 0;
    if ((length & 7) != 0 || length < ENTRY_HEADER + child || length > end - at) {
      throw corrupt(at, length, "an entry's length");
    }
    if (!last && ENTRY_HEADER + key + child > length) {
      throw corrupt(at, key, "a key within its entry");
    }
    if (names && !last) {
      FileName.parse(bytes, at + ENTRY_HEADER, key);
    }
  }

  byte[] bytes() {
    return bytes;
  }

  /// Entries, the last one too.
  int count() {
    return count;
  }

  int at(int entry) {
    return starts[entry];
  }

  int length(int entry) {
    return LittleEndian.u16(bytes, starts[entry] + 8);
  }

  int keyAt(int entry) {
    return starts[entry] + ENTRY_HEADER;
  }

  int keyLength(int entry) {
    return LittleEndian.u16(bytes, starts[entry] + 0x0A);
  }

  boolean isLast(int entry) {
    return entry == count - 1;
  }

  boolean hasChild(int entry) {
    return (LittleEndian.u16(bytes, starts[entry] + 0x0C) & HAS_CHILD) != 0;
  }

  /// The entry's child, in the index's own unit.
  long child(int entry) {
    return LittleEndian.s64(bytes, starts[entry] + length(entry) - 8);
  }

  /// The entry as an array of its own.
  byte[] entry(int entry) {
    return Arrays.copyOfRange(bytes, starts[entry], starts[entry] + length(entry));
  }

  /// The first entry whose key is not below `key`; the last one when there is none.
  ///
  /// @param found the order of `key` to it; anything for the last one
  int search(byte[] key, Collation collation, int[] found) {
    int low = 0;
    int high = count - 1;
    found[0] = -1;
    while (low < high) {
      int middle = low + high >>> 1;
      int order = collation.compare(key, 0, key.length, bytes, keyAt(middle), keyLength(middle));
      if (order > 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low < count - 1) {
      found[0] = collation.compare(key, 0, key.length, bytes, keyAt(low), keyLength(low));
    }
    return low;
  }

  static CorruptImageException corrupt(int at, Object found, Object wanted) {
    return CorruptImageException.at("NTFS", "index node", at, found, wanted);
  }
}
