package io.calco.backup.rescue;

import io.calco.backup.rescue.RescueMap.Block;
import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.ReadOnlyDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A failing disk as far as it was had: the rest is zeroes.
final class RescuedDriver extends ReadOnlyDriver {
  private final Rescue rescue;
  private final Disk image;
  private final Disk source;

  RescuedDriver(Rescue rescue, Disk image, Disk source) {
    this.rescue = rescue;
    this.image = image;
    this.source = source;
  }

  @Override
  public long size() {
    return source.size();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long end = offset + dst.byteSize();
    if (!rescue.isSealed()) {
      rescue.tryAll(offset, end);
    }
    for (long at = offset; at < end; ) {
      Block block = rescue.map().at(at);
      long length = Math.min(block.end(), end) - at;
      MemorySegment part = dst.asSlice(at - offset, length);
      if (block.status() == BlockStatus.FINISHED) {
        image.read(at, part);
      } else {
        rescue.miss();
        part.fill((byte) 0); // the image may hold what another program left there
      }
      at += length;
    }
  }

  /// Holes are the source's where it can tell, and what could not be had.
  @Override
  public Extent extentAt(long offset, long maxLength) {
    if (rescue.isSealed()) {
      Block block = rescue.map().at(offset);
      long length = Math.min(maxLength, block.end() - offset);
      if (block.status() != BlockStatus.FINISHED) {
        return new Extent(offset, length, true, true);
      }
      return told(image, offset, length);
    }
    return told(source, offset, maxLength);
  }

  private static Extent told(Disk disk, long offset, long length) {
    try {
      return disk.extentAt(offset, length);
    } catch (IOException unknown) {
      return new Extent(offset, length, true, false);
    }
  }
}
