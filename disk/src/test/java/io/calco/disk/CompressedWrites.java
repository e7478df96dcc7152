package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Lets the tests of a format write single compressed units.
public final class CompressedWrites {
  private CompressedWrites() {}

  /// How the image packs a unit.
  public static UnitPacker packer(Image image) {
    return image.packer().orElseThrow();
  }

  /// Writes a packed unit.
  public static void write(Image image, long offset, MemorySegment packed) throws IOException {
    image.formatDisk().writeCompressed(offset, packed);
  }
}
