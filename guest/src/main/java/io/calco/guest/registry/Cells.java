package io.calco.guest.registry;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The hive bins and the cells in them. A cell is named by the offset of its size field in the hive
/// bins; its bytes are reached through [#bytes] at [#data].
final class Cells {
  /// What hive bins are multiples of.
  static final int BIN = 4096;

  /// Most bytes of all hive bins: 512 MiB, ours.
  static final int MAX_BINS = 512 << 20;

  /// An offset that means nothing.
  static final long NONE = 0xFFFF_FFFFL;

  static final int BIN_HEADER = 32;
  private static final int BIN_SIGNATURE = 0x6E696268; // "hbin"

  private final String file;
  private byte[] bins;
  private int size;

  /// Free cells, offset to bytes; found when first something is written.
  private @Nullable NavigableMap<Integer, Integer> free;

  Cells(String file, byte[] bins) {
    this.file = file;
    this.bins = bins;
    this.size = bins.length;
  }

  /// The array that all cells lie in. It is another one after [#allocate].
  byte[] bytes() {
    return bins;
  }

  /// Bytes of all hive bins.
  int size() {
    return size;
  }

  /// An allocated cell.
  ///
  /// @param offset from an image
  /// @param least how many bytes of data it must hold
  /// @return where its data begins
  int data(String structure, long offset, int least) throws IOException {
    if (offset < BIN_HEADER || offset > size - 8 || offset % 8 != 0) {
      throw corrupt(structure, offset, "an offset outside the hive", "one inside");
    }
    int at = (int) offset;
    int length = LittleEndian.s32(bins, at);
    if (length >= 0) {
      throw corrupt(structure, offset, "a free cell", "an allocated one");
    }
    if (-(long) length > size - at || -(long) length - 4 < least) {
      throw corrupt(structure, offset, -(long) length + " bytes", "at least " + (least + 4));
    }
    return at + 4;
  }

  /// Bytes that the cell whose data begins here can hold.
  int capacity(int data) {
    return -LittleEndian.s32(bins, data - 4) - 4;
  }

  CorruptImageException corrupt(String structure, long offset, Object found, Object expected) {
    return CorruptImageException.at(
        file, "registry " + structure, BaseBlock.SIZE + offset, found, expected);
  }

  /// Allocates a cell, its data zeroed.
  ///
  /// @param length bytes of data; 0 or more
  /// @return the cell's offset
  int allocate(int length) throws IOException {
    int need = Math.max(16, Math.addExact(length, 4 + 7) & ~7); // Windows' own cells: 16 at least
    NavigableMap<Integer, Integer> cells = free();
    for (Map.Entry<Integer, Integer> cell : cells.entrySet()) {
      if (cell.getValue() >= need) {
        return take(cells, cell.getKey(), need);
      }
    }
    return take(cells, addBin(cells, need), need);
  }

  private int take(NavigableMap<Integer, Integer> cells, int at, int need) {
    int length = Objects.requireNonNull(cells.remove(at));
    int used = length - need < 8 ? length : need;
    LittleEndian.put32(bins, at, -used);
    Arrays.fill(bins, at + 4, at + used, (byte) 0);
    if (used < length) {
      LittleEndian.put32(bins, at + used, length - used);
      cells.put(at + used, length - used);
    }
    return at;
  }

  /// Adds a bin with one free cell of at least `need` bytes.
  private int addBin(NavigableMap<Integer, Integer> cells, int need) throws IOException {
    int length = Math.addExact(need, BIN_HEADER + BIN - 1) & -BIN;
    if (length > MAX_BINS - size) {
      throw new LimitExceededException(
          "%s: a registry hive of more than %d bytes (our limit)".formatted(file, MAX_BINS));
    }
    int start = size;
    if (bins.length < start + length) {
      bins = Arrays.copyOf(bins, Math.min(MAX_BINS, start + length + start / 8));
    }
    size += length;
    formatBin(bins, start, length);
    cells.put(start + BIN_HEADER, length - BIN_HEADER);
    return start + BIN_HEADER;
  }

  /// Writes a bin's header and its one free cell.
  static void formatBin(byte[] bins, int start, int length) {
    LittleEndian.put32(bins, start, BIN_SIGNATURE);
    LittleEndian.put32(bins, start + 4, start);
    LittleEndian.put32(bins, start + 8, length);
    LittleEndian.put32(bins, start + BIN_HEADER, length - BIN_HEADER);
  }

  /// Frees an allocated cell.
  ///
  /// @param data where its data begins
  void free(int data) throws IOException {
    NavigableMap<Integer, Integer> cells = free();
    int at = data - 4;
    int length = -LittleEndian.s32(bins, at);
    Integer after = cells.remove(at + length);
    length += after == null ? 0 : after;
    Map.Entry<Integer, Integer> before = cells.lowerEntry(at);
    if (before != null && before.getKey() + before.getValue() == at) {
      at = before.getKey();
      length += before.getValue();
    }
    cells.put(at, length);
    LittleEndian.put32(bins, at, length);
  }

  /// Walks all bins: before anything is written, they must be right.
  private NavigableMap<Integer, Integer> free() throws IOException {
    if (free == null) {
      NavigableMap<Integer, Integer> found = new TreeMap<>();
      int start = 0;
      while (start < size) {
        start = walkBin(start, found);
      }
      free = found;
    }
    return free;
  }

  private int walkBin(int start, NavigableMap<Integer, Integer> found) throws IOException {
    long length = LittleEndian.u32(bins, start + 8);
    if (LittleEndian.s32(bins, start) != BIN_SIGNATURE
        || LittleEndian.s32(bins, start + 4) != start
        || length == 0
        || length % BIN != 0
        || length > size - start) {
      throw corrupt("hive bin", start, "a header of " + length + " bytes", "hbin, in its place");
    }
    int end = start + (int) length;
    int at = start + BIN_HEADER;
    while (at < end) {
      int marked = LittleEndian.s32(bins, at);
      long cell = Math.abs((long) marked);
      if (cell < 8 || cell % 8 != 0 || cell > end - at) {
        throw corrupt("cell", at, marked + " bytes", "a multiple of 8 that fits its bin");
      }
      if (marked > 0) {
        Map.Entry<Integer, Integer> before = found.lastEntry();
        boolean adjoins = before != null && before.getKey() + before.getValue() == at;
        int first = adjoins ? before.getKey() : at;
        int together = found.merge(first, marked, Integer::sum);
        LittleEndian.put32(bins, first, together);
      }
      at += (int) cell;
    }
    return end;
  }
}
