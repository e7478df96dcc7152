package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Disks one after the other.
final class JoinedDriver extends ReadOnlyDriver {
  private final List<Disk> disks;

  /// Where each disk begins; the whole size at the end.
  private final long[] starts;

  JoinedDriver(List<Disk> disks) {
    this.disks = List.copyOf(disks);
    this.starts = new long[disks.size() + 1];
    for (int i = 0; i < disks.size(); i++) {
      starts[i + 1] = Math.addExact(starts[i], disks.get(i).size());
    }
  }

  @Override
  public long size() {
    return starts[disks.size()];
  }

  /// The disk that holds the byte at `offset`; empty disks hold none.
  private int diskAt(long offset) {
    int i = 0;
    while (starts[i + 1] <= offset) {
      i++;
    }
    return i;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    for (long done = 0; done < dst.byteSize(); ) {
      int i = diskAt(offset + done);
      long within = offset + done - starts[i];
      long length = Math.min(dst.byteSize() - done, disks.get(i).size() - within);
      disks.get(i).read(within, dst.asSlice(done, length));
      done += length;
    }
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    int i = diskAt(offset);
    long within = offset - starts[i];
    Extent found = disks.get(i).extentAt(within, Math.min(maxLength, disks.get(i).size() - within));
    return new Extent(offset, found.length(), found.allocated(), found.readsZero());
  }
}
