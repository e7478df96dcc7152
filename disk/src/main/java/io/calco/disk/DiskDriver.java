package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What the implementer of a disk writes. Callers use [Disk], which checks ranges, state and
/// capabilities first, so a driver may rely on: the disk is open, the range lies in the disk and is
/// not empty, and the capability is there.
///
/// Thread rule: every method but [#resize] and [#close] may be called by several threads at once.
public interface DiskDriver extends AutoCloseable {

  /// The virtual size in bytes; changes only by [#resize].
  long size();

  /// What this disk can do; constant.
  DiskCapabilities capabilities();

  /// Reads exactly `dst.byteSize()` bytes, or throws.
  void read(long offset, MemorySegment dst) throws IOException;

  /// Writes exactly `src.byteSize()` bytes, or throws; after a failure the range holds old bytes,
  /// new bytes or a mix.
  void write(long offset, MemorySegment src) throws IOException;

  /// Makes the run read as zeroes.
  void writeZeroes(long offset, long length, ZeroMode mode) throws IOException;

  /// Tells that the run's content is no longer needed: it is undefined afterwards. May do nothing
  /// for parts of it.
  void discard(long offset, long length) throws IOException;

  /// The run that covers `offset`, beginning there and at most `maxLength` bytes long; it need not
  /// be maximal.
  Extent extentAt(long offset, long maxLength) throws IOException;

  /// Changes the virtual size; new bytes read as zeroes. No other call may be under way.
  void resize(long newSize) throws IOException;

  /// Hands everything buffered here to the layer below.
  void flush() throws IOException;

  /// Returns when everything written so far is on the medium.
  void sync() throws IOException;

  /// Flushes and gives up all resources, also when the flush fails.
  @Override
  void close() throws IOException;
}
