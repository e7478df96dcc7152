package io.calco.engine.mount;

import io.calco.disk.Disk;
import io.calco.sys.fuse.FuseNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;

/// A disk, or a part of one, as a file. Safe.
final class DiskFile implements FuseNode {
  private static final int MODE = 0400;

  private final Disk disk;
  private final Status status;

  DiskFile(long inode, Disk disk, Instant modified) {
    this.disk = disk;
    long size = disk.size();
    status = new Status(inode, Kind.FILE, MODE, size, size, 1, 0, 0, modified);
  }

  @Override
  public Status status() {
    return status;
  }

  @Override
  public int read(long offset, MemorySegment dst) throws IOException {
    long length = Math.min(dst.byteSize(), disk.size() - offset);
    if (length <= 0) {
      return 0;
    }
    disk.read(offset, dst.asSlice(0, length));
    return Math.toIntExact(length);
  }
}
