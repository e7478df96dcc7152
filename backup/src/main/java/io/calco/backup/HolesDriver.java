package io.calco.backup;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.ReadOnlyDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A disk some runs of which are holes, whatever lies there: they read as zeroes, and are not read
/// below. Leaves that disk open.
///
/// Thread rule: as [io.calco.disk.DiskDriver] has it.
final class HolesDriver extends ReadOnlyDriver {
  private final Disk disk;
  private final Runs holes;

  HolesDriver(Disk disk, Runs holes) {
    this.disk = disk;
    this.holes = holes;
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    for (long done = 0; done < dst.byteSize(); ) {
      long at = offset + done;
      long length = Math.min(dst.byteSize() - done, holes.endAt(at) - at);
      MemorySegment part = dst.asSlice(done, length);
      if (holes.contains(at)) {
        part.fill((byte) 0);
      } else {
        disk.read(at, part);
      }
      done += length;
    }
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    long length = Math.min(maxLength, holes.endAt(offset) - offset);
    return holes.contains(offset)
        ? new Extent(offset, length, false, true)
        : disk.extentAt(offset, length);
  }
}
