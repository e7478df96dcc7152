package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/// A table of 64-bit host pointers that is held in memory whole: the L1 table, the refcount table.
///
/// Changes are kept here until [#writeChanges], which writes the 512-byte sectors that changed.
///
/// Thread rule: readers beside each other; changes alone.
final class PointerTable {
  private static final int SECTOR_ENTRIES = 512 / 8;

  private final HostFile file;
  private final BitSet changed = new BitSet();
  private long hostOffset;
  private long[] entries;

  /// A table whose content is given, at a place where it need not have been written yet.
  PointerTable(HostFile file, long hostOffset, long[] entries) {
    this.file = file;
    this.hostOffset = hostOffset;
    this.entries = entries;
  }

  /// Reads a table; the caller has bounded the number of entries.
  static PointerTable read(HostFile file, long hostOffset, int count) throws IOException {
    return new PointerTable(file, hostOffset, readEntries(file, hostOffset, count));
  }

  /// Reads big-endian words.
  static long[] readEntries(HostFile file, long hostOffset, int count) throws IOException {
    long[] entries = new long[count];
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(count, 8)]);
    if (count > 0) {
      file.read(hostOffset, bytes);
      MemorySegment.copy(bytes, U64, 0, entries, 0, count);
    }
    return entries;
  }

  /// Reads big-endian words of which some may lie beyond the end of the file: those are zero.
  static long[] readPresentEntries(HostFile file, long hostOffset, int count) throws IOException {
    long present = Math.clamp((file.size() - hostOffset) / 8, 0, count);
    return Arrays.copyOf(readEntries(file, hostOffset, Math.toIntExact(present)), count);
  }

  /// Writes big-endian words.
  static void writeEntries(HostFile file, long hostOffset, long[] entries, int from, int count)
      throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(count, 8)]);
    MemorySegment.copy(entries, from, bytes, U64, 0, count);
    file.write(hostOffset + 8L * from, bytes);
  }

  int count() {
    return entries.length;
  }

  long hostOffset() {
    return hostOffset;
  }

  long get(int index) {
    return entries[index];
  }

  void set(int index, long entry) {
    entries[index] = entry;
    changed.set(index / SECTOR_ENTRIES);
  }

  boolean isChanged() {
    return !changed.isEmpty();
  }

  /// True when no entry points anywhere.
  boolean isEmpty() {
    return Arrays.stream(entries).allMatch(entry -> entry == 0);
  }

  /// Writes what changed, as few writes as there are runs of changed sectors.
  void writeChanges() throws IOException {
    for (int first = changed.nextSetBit(0); first >= 0; first = changed.nextSetBit(first)) {
      int end = changed.nextClearBit(first);
      int from = first * SECTOR_ENTRIES;
      int to = Math.min(end * SECTOR_ENTRIES, entries.length);
      writeEntries(file, hostOffset, entries, from, to - from);
      changed.clear(first, end);
    }
  }

  /// Becomes another table, which is written already.
  void replace(long newOffset, long[] newEntries) {
    hostOffset = newOffset;
    entries = newEntries;
    changed.clear();
  }

  /// A copy of all entries.
  long[] entries() {
    return entries.clone();
  }

  /// Adds entries of zero, to be written by [#writeTo] alone.
  void extend(int count) {
    entries = Arrays.copyOf(entries, count);
  }

  /// Writes the table whole at another place, which is its place from now on; the old one is
  /// untouched.
  void writeTo(long newOffset) throws IOException {
    writeEntries(file, newOffset, entries, 0, entries.length);
    hostOffset = newOffset;
    changed.clear();
  }
}
