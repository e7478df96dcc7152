package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A grain directory: where the grain tables lie. Read in pieces, which are kept; 4 bytes for each
/// table.
///
/// Thread rule: readers beside each other; changes alone.
final class GrainDirectory {
  private static final int PIECE = 4096;

  private final HostFile file;
  private final long place;
  private final int tables;
  private final int[] @Nullable [] pieces;

  /// @param place its first byte
  /// @throws CorruptImageException when it does not lie in the file
  GrainDirectory(HostFile file, String what, long place, int tables) throws IOException {
    this.file = file;
    this.place = place;
    this.tables = tables;
    long length = 4L * tables;
    if (tables > 0 && (place < SECTOR || place > file.size() - length)) {
      throw CorruptImageException.at(
          file.name(),
          what,
          place,
          "%d bytes in a file of 0x%x".formatted(length, file.size()),
          "a place in the file");
    }
    pieces = new int[Math.ceilDiv(tables, PIECE)][];
  }

  /// Its first byte.
  long place() {
    return place;
  }

  /// Bytes.
  long length() {
    return 4L * tables;
  }

  /// The sector of a grain table, 0 for none.
  long sector(int table) throws IOException {
    int piece = table / PIECE;
    int[] entries;
    synchronized (pieces) {
      entries = pieces[piece];
      if (entries == null) {
        entries = readEntries(file, place + 4L * piece * PIECE, pieceLength(piece));
        pieces[piece] = entries;
      }
    }
    return Integer.toUnsignedLong(entries[table % PIECE]);
  }

  private int pieceLength(int piece) {
    return Math.min(PIECE, tables - piece * PIECE);
  }

  /// Changes and writes an entry.
  void set(int table, long sector) throws IOException {
    long old = sector(table);
    if (old == sector) {
      return;
    }
    synchronized (pieces) {
      java.util.Objects.requireNonNull(pieces[table / PIECE])[table % PIECE] = (int) sector;
    }
    MemorySegment word = MemorySegment.ofArray(new byte[4]);
    word.set(U32, 0, (int) sector);
    file.write(place + 4L * table, word);
  }

  /// Reads little-endian words.
  static int[] readEntries(HostFile file, long at, int count) throws IOException {
    int[] entries = new int[count];
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(count, 4)]);
    file.read(at, bytes);
    MemorySegment.copy(bytes, U32, 0, entries, 0, count);
    return entries;
  }

  /// Writes little-endian words.
  static void writeEntries(HostFile file, long at, int[] entries, int from, int count)
      throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(count, 4)]);
    MemorySegment.copy(entries, from, bytes, U32, 0, count);
    file.write(at + 4L * from, bytes);
  }
}
