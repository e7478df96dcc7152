package io.calco.disk.vhd;

import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;

/// The sizes that a disk may be given.
final class VhdSizes {
  private VhdSizes() {}

  /// Refuses a size that is no whole number of sectors or beyond the format's end.
  static void check(HostFile file, long size) throws IOException {
    if (size % VhdLayout.SECTOR != 0) {
      throw new UnsupportedFeatureException(
          "%s: %d bytes are no whole number of sectors of 512 bytes".formatted(file.name(), size));
    }
    checkEnd(file, size);
  }

  /// Refuses a size beyond the format's end.
  static void checkEnd(HostFile file, long size) throws IOException {
    if (size > VhdLayout.SIZE_MAX) {
      throw new LimitExceededException(
          "%s: virtual size of %d bytes; the format ends at 2040 GiB".formatted(file.name(), size));
    }
  }

  /// Refuses more blocks than we take.
  static void checkBlocks(HostFile file, long blocks) throws IOException {
    if (blocks > VhdLayout.BLOCKS_MAX) {
      throw new LimitExceededException(
          "%s: a disk of %d blocks; our limit is %d"
              .formatted(file.name(), blocks, VhdLayout.BLOCKS_MAX));
    }
  }
}
