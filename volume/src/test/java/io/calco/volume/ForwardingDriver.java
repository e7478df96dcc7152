package io.calco.volume;

import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Another driver with something added.
class ForwardingDriver implements DiskDriver {
  private final DiskDriver below;

  ForwardingDriver(DiskDriver below) {
    this.below = below;
  }

  @Override
  public long size() {
    return below.size();
  }

  @Override
  public DiskCapabilities capabilities() {
    return below.capabilities();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    below.read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    below.write(offset, src);
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    below.writeZeroes(offset, length, mode);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    below.discard(offset, length);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    return below.extentAt(offset, maxLength);
  }

  @Override
  public void resize(long newSize) throws IOException {
    below.resize(newSize);
  }

  @Override
  public void flush() throws IOException {
    below.flush();
  }

  @Override
  public void sync() throws IOException {
    below.sync();
  }

  @Override
  public void close() throws IOException {
    below.close();
  }
}
