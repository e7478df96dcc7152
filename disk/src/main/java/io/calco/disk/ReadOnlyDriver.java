package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The driver of a disk that is only read: [Disk] never asks it to change. What it tells of extents
/// is true unless it says otherwise.
public abstract class ReadOnlyDriver implements DiskDriver {
  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(false, true, false, false, false);
  }

  private static IllegalStateException onlyRead() {
    return new IllegalStateException("this disk is only read");
  }

  @Override
  public final void write(long offset, MemorySegment src) {
    throw onlyRead();
  }

  @Override
  public final void writeZeroes(long offset, long length, ZeroMode mode) {
    throw onlyRead();
  }

  @Override
  public final void discard(long offset, long length) {
    throw onlyRead();
  }

  @Override
  public final void resize(long newSize) {
    throw onlyRead();
  }

  @Override
  public final void flush() {}

  @Override
  public final void sync() {}

  @Override
  public void close() throws IOException {}
}
