package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A run of another disk. Leaves that disk open.
final class SliceDriver implements DiskDriver {
  private final Disk disk;
  private final long start;
  private final long length;
  private final DiskCapabilities capabilities;

  SliceDriver(Disk disk, long start, long length) {
    this(disk, start, length, withoutResize(disk.capabilities()));
  }

  SliceDriver(Disk disk, long start, long length, DiskCapabilities capabilities) {
    this.disk = disk;
    this.start = start;
    this.length = length;
    this.capabilities = capabilities;
  }

  private static DiskCapabilities withoutResize(DiskCapabilities all) {
    return new DiskCapabilities(
        all.writable(), all.extents(), all.discard(), all.fastZero(), false);
  }

  @Override
  public long size() {
    return length;
  }

  @Override
  public DiskCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    disk.read(start + offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    disk.write(start + offset, src);
  }

  @Override
  public void writeZeroes(long offset, long count, ZeroMode mode) throws IOException {
    disk.writeZeroes(start + offset, count, mode);
  }

  @Override
  public void discard(long offset, long count) throws IOException {
    disk.discard(start + offset, count);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    Extent extent = disk.extentAt(start + offset, maxLength);
    return new Extent(offset, extent.length(), extent.allocated(), extent.readsZero());
  }

  @Override
  public void resize(long newSize) {
    throw new IllegalStateException("a slice is not resizable");
  }

  @Override
  public void flush() throws IOException {
    disk.flush();
  }

  @Override
  public void sync() throws IOException {
    disk.sync();
  }

  @Override
  public void close() {}
}
