package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import java.util.Map;
import java.util.TreeMap;

/// Puts a disk together from runs that lie apart; what no run covers is zeroes. Confined; the disk
/// it makes is safe for several threads at once, and leaves the runs' disks open.
final class Splice {
  private final String name;
  private final long size;
  private final TreeMap<Long, Piece> pieces = new TreeMap<>();

  /// A run.
  ///
  /// @param what it is, for messages
  private record Piece(String what, long start, Disk disk) {
    long end() {
      return start + disk.size();
    }
  }

  /// A disk of nothing but zeroes.
  ///
  /// @param name for messages
  /// @param size in bytes, 0 or more
  Splice(String name, long size) {
    this.name = name;
    this.size = size;
  }

  /// Adds bytes.
  void add(String what, long offset, byte[] bytes) throws CorruptImageException {
    add(what, offset, Disk.owning(new MemoryDriver(bytes)));
  }

  /// Adds a run; an empty one changes nothing.
  ///
  /// @param what it is, for messages
  /// @param offset its first byte, 0 or more
  /// @throws CorruptImageException when it reaches beyond the disk or into another run
  void add(String what, long offset, Disk disk) throws CorruptImageException {
    if (offset > size || disk.size() > size - offset) {
      throw new CorruptImageException(
          "%s: %s at 0x%x: found %d bytes, expected them within the disk's %d"
              .formatted(name, what, offset, disk.size(), size));
    }
    if (disk.size() == 0) {
      return;
    }
    Piece piece = new Piece(what, offset, disk);
    Map.Entry<Long, Piece> before = pieces.lowerEntry(piece.end());
    if (before != null && before.getValue().end() > offset) {
      Piece other = before.getValue();
      throw new CorruptImageException(
          "%s: %s at 0x%x to 0x%x: lies on %s at 0x%x to 0x%x"
              .formatted(
                  name, what, offset, piece.end(), other.what(), other.start(), other.end()));
    }
    pieces.put(offset, piece);
  }

  /// The disk.
  Disk disk() {
    TreeMap<Long, Disk> parts = new TreeMap<>();
    pieces.forEach((at, piece) -> parts.put(at, piece.disk().slice(0, piece.disk().size())));
    return Disk.spliced(Disk.blank(size), parts);
  }
}
