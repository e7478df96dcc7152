package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Reads what can be read: a read that fails is split until the bytes that cannot be had are found.
final class SalvageDriver extends ReadOnlyDriver {
  /// The sectors of nearly all disks are of this size or smaller.
  private static final long SECTOR = 4096;

  /// How far a run reaches whose status cannot be had.
  private static final long BLIND = 64 << 10;

  private final Disk disk;
  private final Disk.SalvageSink lost;

  SalvageDriver(Disk disk, Disk.SalvageSink lost) {
    this.disk = disk;
    this.lost = lost;
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    try {
      disk.read(offset, dst);
    } catch (IOException failure) {
      long half = dst.byteSize() / 2;
      half -= (offset + half) % SECTOR;
      if (half > 0) {
        read(offset, dst.asSlice(0, half));
        read(offset + half, dst.asSlice(half));
      } else {
        dst.fill((byte) 0);
        lost.lost(offset, dst.byteSize(), failure);
      }
    }
  }

  @Override
  public Extent extentAt(long offset, long maxLength) {
    try {
      return disk.extentAt(offset, maxLength);
    } catch (IOException failure) {
      return new Extent(offset, Math.min(maxLength, BLIND), true, false);
    }
  }
}
