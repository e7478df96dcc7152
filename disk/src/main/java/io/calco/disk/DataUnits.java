package io.calco.disk;

import java.io.IOException;
import java.util.Arrays;

/// Which units of a disk hold data: what a layout needs to know before its first byte. A unit holds
/// data unless all of it reads as zeroes by the disk's extents.
///
/// Immutable; 16 bytes of memory for each run of such units.
public final class DataUnits {
  /// Ours: 1.5 GiB would be needed for a disk of 100 million runs.
  private static final int RUN_LIMIT = 8 << 20;

  private final long unitLength;
  private final long diskUnits;

  /// First unit of each run, ascending.
  private final long[] starts;

  /// Units in all runs before each run; one more than there are runs.
  private final long[] before;

  private DataUnits(long unitLength, long diskUnits, long[] starts, long[] before) {
    this.unitLength = unitLength;
    this.diskUnits = diskUnits;
    this.starts = starts;
    this.before = before;
  }

  /// Walks the disk's extents.
  ///
  /// @param unitLength bytes in a unit; the last may reach beyond the disk
  /// @throws LimitExceededException when the disk is in too many pieces
  public static DataUnits of(Disk disk, long unitLength) throws IOException {
    long[] starts = new long[16];
    long[] ends = new long[16];
    int runs = 0;
    for (long at = 0; at < disk.size(); ) {
      Extent extent = disk.extentAt(at, disk.size() - at);
      at = extent.end();
      if (extent.readsZero()) {
        continue;
      }
      long start = extent.offset() / unitLength;
      long end = (extent.end() - 1) / unitLength + 1;
      if (runs > 0 && start <= ends[runs - 1]) {
        ends[runs - 1] = Math.max(end, ends[runs - 1]);
        continue;
      }
      if (runs == RUN_LIMIT) {
        throw new LimitExceededException(
            "the disk's data lies in more than %d runs (our limit)".formatted(RUN_LIMIT));
      }
      if (runs == starts.length) {
        starts = Arrays.copyOf(starts, 2 * runs);
        ends = Arrays.copyOf(ends, 2 * runs);
      }
      starts[runs] = start;
      ends[runs++] = end;
    }
    long[] before = new long[runs + 1];
    for (int i = 0; i < runs; i++) {
      before[i + 1] = before[i] + ends[i] - starts[i];
    }
    long diskUnits = Math.ceilDiv(disk.size(), unitLength);
    return new DataUnits(unitLength, diskUnits, Arrays.copyOf(starts, runs), before);
  }

  /// Bytes in a unit.
  public long unitLength() {
    return unitLength;
  }

  /// Units in the disk.
  public long diskUnits() {
    return diskUnits;
  }

  /// Units that hold data.
  public long count() {
    return before[starts.length];
  }

  /// How many units with data lie before this one, or -1 when it holds none.
  ///
  /// @param unit 0 and up; units beyond the disk hold none
  public long ordinal(long unit) {
    int found = Arrays.binarySearch(starts, unit);
    int run = found >= 0 ? found : -found - 2;
    if (run < 0 || unit - starts[run] >= before[run + 1] - before[run]) {
      return -1;
    }
    return before[run] + unit - starts[run];
  }

  /// The unit with data that has `ordinal` such units before it.
  ///
  /// @param ordinal at least 0 and less than [#count]
  public long unit(long ordinal) {
    int found = Arrays.binarySearch(before, ordinal);
    int run = found >= 0 ? found : -found - 2;
    return starts[run] + ordinal - before[run];
  }

  /// Receives the runs of units with data, ascending and apart.
  public interface RunSink {
    /// @param unit the run's first unit
    /// @param count units in it
    /// @param ordinal units with data before it
    void run(long unit, long count, long ordinal) throws IOException;
  }

  /// Walks the runs.
  public void forEachRun(RunSink sink) throws IOException {
    for (int i = 0; i < starts.length; i++) {
      sink.run(starts[i], before[i + 1] - before[i], before[i]);
    }
  }
}
