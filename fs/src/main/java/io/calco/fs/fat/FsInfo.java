package io.calco.fs.fat;

import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// FAT32's sector that tells how many clusters are free, and where to look for them: a hint.
final class FsInfo {
  private static final int BYTES = 512;
  private static final int SIGNATURE = 0x41615252;
  private static final int SIGNATURE_2 = 0x61417272;
  private static final int SIGNATURE_2_OFFSET = 484;
  private static final int FREE = 488;
  private static final int NEXT = 492;

  private FsInfo() {}

  private static boolean isThere(byte[] sector) {
    return LittleEndian.s32(sector, 0) == SIGNATURE
        && LittleEndian.s32(sector, SIGNATURE_2_OFFSET) == SIGNATURE_2;
  }

  /// Where to look for a free cluster; 0 when it is not told.
  static int next(Disk disk, Geometry geometry) throws IOException {
    if (geometry.infoOffset() == 0) {
      return 0;
    }
    byte[] sector = disk.readBytes(geometry.infoOffset(), BYTES);
    return isThere(sector) ? LittleEndian.s32(sector, NEXT) : 0;
  }

  /// Tells what is so now; nothing where there is no such sector.
  static void write(Disk disk, Geometry geometry, long free, int next) throws IOException {
    if (geometry.infoOffset() == 0) {
      return;
    }
    byte[] sector = disk.readBytes(geometry.infoOffset(), BYTES);
    if (isThere(sector)) {
      LittleEndian.put32(sector, FREE, free);
      LittleEndian.put32(sector, NEXT, next);
      disk.writeBytes(geometry.infoOffset(), sector);
    }
  }
}
