package io.calco.backup;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.ReadOnlyDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A disk that can tell where on it the bytes of a volume lie that was opened on it: whoever asks
/// the volume for its extents ends up asking here. Leaves the disk below open.
///
/// Thread rule: confined.
final class TracedDriver extends ReadOnlyDriver {
  /// Hears of runs of this disk.
  interface Trace {
    void run(long start, long end);
  }

  private final Disk disk;
  private @Nullable Trace trace;

  TracedDriver(Disk disk) {
    this.disk = disk;
  }

  /// Tells where a run of a volume lies.
  ///
  /// @param volume opened on this disk
  void trace(Disk volume, long offset, long length, Trace to) throws IOException {
    trace = to;
    try {
      for (long at = offset; at < offset + length; ) {
        at = volume.extentAt(at, offset + length - at).end();
      }
    } finally {
      trace = null;
    }
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    disk.read(offset, dst);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    if (trace == null) {
      return disk.extentAt(offset, maxLength);
    }
    trace.run(offset, offset + maxLength);
    return new Extent(offset, maxLength, true, false);
  }
}
