package io.calco.disk;

/// A part of a disk: cannot be resized.
class SliceDiskTest extends DiskContract {
  @Override
  protected Disk create(long size) {
    Disk whole = Disk.owning(new MemoryDriver(new byte[Math.toIntExact(size + 1000)]));
    return whole.slice(300, size);
  }

  @Override
  protected DiskCapabilities expected() {
    return new DiskCapabilities(true, false, true, true, false);
  }
}
