package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// An image format: answers where guest bytes lie, and makes runs writable. It moves no guest data;
/// [FormatDisk] does that for all formats.
///
/// Thread rule: [#map] and [#decompress] may be called by several threads at once while no other
/// method runs; all others are called by one thread at a time with nobody else inside.
public interface FormatDriver extends AutoCloseable {

  /// The virtual size in bytes.
  long size();

  /// What a disk of this image can do.
  DiskCapabilities capabilities();

  /// Guest bytes in an allocation unit: what [#allocate], [#zero] and [#discard] work in.
  int unitLength();

  /// Where the run at `offset` lies: the answer covers `offset` and is at most `maxLength` bytes
  /// long. Drivers make runs as long as they cheaply can.
  Mapping map(long offset, long maxLength) throws IOException;

  /// Unpacks one compressed unit; `dst` has `run.unitLength()` bytes. Formats without such units do
  /// not answer them either.
  default void decompress(Mapping.Compressed run, MemorySegment dst) throws IOException {
    throw new IllegalStateException("the format has no compressed units");
  }

  /// Called once, before the first change: the place to mark an image as being written.
  void beginWrites() throws IOException;

  /// Sets host space aside for guest bytes from `offset` on; the answer covers `offset`, whole
  /// allocation units, and as much of `length` as lies in one host run. The image is unchanged for
  /// readers until [#commit].
  Allocation allocate(long offset, long length) throws IOException;

  /// Makes an allocation visible, after its whole run was written.
  void commit(Allocation allocation) throws IOException;

  /// Gives an allocation back, after writing it failed.
  void abandon(Allocation allocation) throws IOException;

  /// Makes as much of the run as is made of whole units read as zeroes, by metadata alone, and
  /// returns how many bytes from `offset` on that were; 0 when the run does not begin with a whole
  /// unit or the format cannot. The last unit of the disk counts as whole where the disk ends.
  long zero(long offset, long length, ZeroMode mode) throws IOException;

  /// Forgets whole units in the run, giving their host space back; they may then read as anything,
  /// and [FormatDisk] uses this only where that is allowed.
  void discard(long offset, long length) throws IOException;

  /// How this image compresses, or empty when it cannot hold compressed units.
  default Optional<UnitPacker> packer() {
    return Optional.empty();
  }

  /// True when the image takes compressed units alone, each once and in ascending order.
  default boolean streaming() {
    return false;
  }

  /// Writes one compressed unit that begins at `offset`, a multiple of the packer's unit length,
  /// replacing what was there. `packed` is what [UnitPacker#pack] returned for the unit.
  default void writeCompressed(long offset, MemorySegment packed) throws IOException {
    throw new IllegalStateException("the format has no compressed units");
  }

  /// Changes the virtual size. [FormatDisk] sees to it that new bytes read as zeroes, also where
  /// the last unit held something after its end or a backing image is longer.
  void resize(long newSize) throws IOException;

  /// Writes all metadata held in memory to the host file, in an order that a crash can interrupt.
  void flush() throws IOException;

  /// [#flush], and returns when it is on the medium.
  void sync() throws IOException;

  /// Flushes and releases; the host files it was given are closed too.
  @Override
  void close() throws IOException;
}
