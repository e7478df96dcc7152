package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.ReadOnlyDriver;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A disk that says where it cannot be read, and what to do about it. Leaves the disk below open.
///
/// Thread rule: as [io.calco.disk.DiskDriver] has it.
final class ToldFailures extends ReadOnlyDriver {
  /// Nothing fails in smaller pieces.
  private static final int SECTOR = 512;

  private final Disk disk;
  private final Path source;

  ToldFailures(Disk disk, Path source) {
    this.disk = disk;
    this.source = source;
  }

  @Override
  public long size() {
    return disk.size();
  }

  /// @throws OperationException when it cannot be read
  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    try {
      disk.read(offset, dst);
    } catch (IOException failure) {
      long place = firstFailure(offset, dst);
      String why = String.valueOf(OperationException.of(failure).getMessage());
      throw new OperationException(
          OperationException.of(failure).kind(),
          "%s: cannot be read at byte %d (0x%x): %s"
              .formatted(source, place, place, why.replace(source + ": ", "")),
          "keep what can be read, with zeroes for the rest: --rescue MAPFILE");
    }
  }

  private long firstFailure(long offset, MemorySegment dst) {
    long at = 0;
    try {
      while (at < dst.byteSize()) {
        long sector = SECTOR - (offset + at) % SECTOR;
        disk.read(offset + at, dst.asSlice(at, Math.min(sector, dst.byteSize() - at)));
        at += sector;
      }
    } catch (IOException found) {
      return offset + at;
    }
    return offset; // it can be read in small pieces, or now
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    return disk.extentAt(offset, maxLength);
  }
}
