package io.calco.fs.xfs;

import io.calco.disk.Disk;
import io.calco.disk.ZeroMode;
import java.io.IOException;

/// Wipes what is free, so that nothing of deleted files is left.
final class FreeSpaceWiper {
  private final Volume volume;
  private long wiped;

  FreeSpaceWiper(Volume volume) {
    this.volume = volume;
  }

  /// Wipes all free blocks; nothing may wait to be written.
  ///
  /// @return bytes wiped; those that read as zeroes before do not count
  long wipe() throws IOException {
    int bits = volume.geometry.blockBits;
    for (int group = 0; group < volume.geometry.groups; group++) {
      long base = volume.geometry.linear(group, 0);
      SpaceMap.free(volume, group, (start, count) -> wipe(base + start << bits, count << bits));
    }
    return wiped;
  }

  private void wipe(long offset, long length) throws IOException {
    Disk disk = volume.blocks.disk();
    long at = offset;
    while (at < offset + length) {
      io.calco.disk.Extent extent = disk.extentAt(at, offset + length - at);
      if (extent.allocated() && !extent.readsZero()) {
        disk.writeZeroes(at, extent.length(), ZeroMode.MAY_UNMAP);
        wiped += extent.length();
      }
      at = extent.end();
    }
  }
}
