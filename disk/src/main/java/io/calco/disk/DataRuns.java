package io.calco.disk;

import java.io.IOException;

/// Hands out the runs of a disk that may hold data, in pieces on a grid, and tells of the zero runs
/// between them. Called by one thread at a time.
final class DataRuns {
  /// Takes a piece.
  interface Taker {
    void take(long offset, int length);
  }

  /// Takes a run of zeroes.
  interface ZeroRun {
    void accept(long offset, long length) throws IOException;
  }

  private final Disk disk;
  private final int unit;
  private final int piece;
  private final ZeroRun zeroes;
  private final JobContext job;
  private long at;
  private long dataEnd;

  /// @param unit pieces and zero runs begin and end on multiples of it, or at the disk's end
  /// @param piece most bytes in a piece, a multiple of `unit`
  DataRuns(Disk disk, int unit, int piece, ZeroRun zeroes, JobContext job) {
    this.disk = disk;
    this.unit = unit;
    this.piece = piece;
    this.zeroes = zeroes;
    this.job = job;
  }

  /// Hands the next piece to `taker`; false at the end of the disk.
  boolean next(Taker taker) throws IOException {
    job.checkCancelled();
    while (at < disk.size()) {
      if (at < dataEnd) {
        int length = Math.toIntExact(Math.min(piece - at % piece, dataEnd - at));
        taker.take(at, length);
        at += length;
        return true;
      }
      Extent extent = disk.extentAt(at, disk.size() - at);
      long zeroEnd = extent.end() == disk.size() ? disk.size() : extent.end() - extent.end() % unit;
      if (extent.readsZero() && zeroEnd > at) {
        zeroes.accept(at, zeroEnd - at);
        at = zeroEnd;
      } else {
        dataEnd = unitEnd(extent.end());
      }
    }
    return false;
  }

  private long unitEnd(long end) {
    long rest = end % unit;
    return rest == 0 ? end : Math.min(disk.size(), end - rest + unit);
  }
}
