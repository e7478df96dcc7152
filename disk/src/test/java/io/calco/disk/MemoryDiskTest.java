package io.calco.disk;

/// A disk in memory.
class MemoryDiskTest extends DiskContract {
  @Override
  protected Disk create(long size) {
    return Disk.owning(new MemoryDriver(new byte[Math.toIntExact(size)]));
  }

  @Override
  protected DiskCapabilities expected() {
    return new DiskCapabilities(true, false, true, true, true);
  }
}
