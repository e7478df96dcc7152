package io.calco.disk;

import java.lang.foreign.MemorySegment;

/// A disk held in an array: for small disks and for tests.
public class MemoryDriver implements DiskDriver {
  private byte[] bytes;

  /// A disk over `bytes`, which it uses from now on.
  public MemoryDriver(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(true, false, true, true, true);
  }

  @Override
  public void read(long offset, MemorySegment dst) {
    MemorySegment.copy(MemorySegment.ofArray(bytes), offset, dst, 0, dst.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment src) {
    MemorySegment.copy(src, 0, MemorySegment.ofArray(bytes), offset, src.byteSize());
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) {
    MemorySegment.ofArray(bytes).asSlice(offset, length).fill((byte) 0);
  }

  @Override
  public void discard(long offset, long length) {
    writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) {
    return new Extent(offset, maxLength, true, false);
  }

  @Override
  public void resize(long newSize) {
    bytes = java.util.Arrays.copyOf(bytes, Math.toIntExact(newSize));
  }

  @Override
  public void flush() {}

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
