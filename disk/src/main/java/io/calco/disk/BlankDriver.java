package io.calco.disk;

import java.lang.foreign.MemorySegment;

/// A disk of zeroes that takes no memory.
///
/// @param size in bytes
/// @param extents it tells that it is empty; else it answers one allocated extent, as a disk does
///   that must be read to know
record BlankDriver(long size, boolean extents) implements DiskDriver {

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(false, extents, false, false, false);
  }

  @Override
  public void read(long offset, MemorySegment dst) {
    dst.fill((byte) 0);
  }

  @Override
  public void write(long offset, MemorySegment src) {
    throw readOnly();
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) {
    throw readOnly();
  }

  @Override
  public void discard(long offset, long length) {
    throw readOnly();
  }

  @Override
  public Extent extentAt(long offset, long maxLength) {
    return new Extent(offset, maxLength, !extents, extents);
  }

  @Override
  public void resize(long newSize) {
    throw readOnly();
  }

  private static IllegalStateException readOnly() {
    return new IllegalStateException("a blank disk is not written");
  }

  @Override
  public void flush() {}

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
