package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Reads no faster than a rate; what is known to be zero takes no time.
final class ThrottledDriver extends ReadOnlyDriver {
  private final Disk disk;
  private final RateLimit rate;

  ThrottledDriver(Disk disk, RateLimit rate) {
    this.disk = disk;
    this.rate = rate;
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    rate.pass(dst.byteSize());
    disk.read(offset, dst);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    return disk.extentAt(offset, maxLength);
  }
}
