package io.calco.disk;

import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

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
    Builder units = builder(disk.size(), unitLength);
    for (long at = 0; at < disk.size(); ) {
      Extent extent = disk.extentAt(at, disk.size() - at);
      at = extent.end();
      if (!extent.readsZero()) {
        units.add(extent.offset(), extent.length());
      }
    }
    return units.build();
  }

  /// Units of a disk whose data somebody else knows, such as its file system.
  ///
  /// @param diskSize bytes in the disk
  /// @param unitLength bytes in a unit; the last may reach beyond the disk
  public static Builder builder(long diskSize, long unitLength) {
    return new Builder(diskSize, unitLength);
  }

  /// Takes the runs of data in ascending order. Thread rule: confined.
  public static final class Builder {
    private final long diskSize;
    private final long unitLength;
    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private int runs;

    private Builder(long diskSize, long unitLength) {
      this.diskSize = diskSize;
      this.unitLength = unitLength;
    }

    /// Adds a run: every unit that it touches holds data.
    ///
    /// @param offset its first byte; not before the last run's
    /// @param length its bytes; at least 1, within the disk
    /// @throws LimitExceededException when the disk is in too many pieces
    public void add(long offset, long length) throws LimitExceededException {
      Objects.checkFromIndexSize(offset, length, diskSize);
      long start = offset / unitLength;
      long end = (offset + length - 1) / unitLength + 1;
      if (length < 1 || runs > 0 && start < starts[runs - 1]) {
        throw new IllegalArgumentException("run of %d bytes at %d".formatted(length, offset));
      }
      if (runs > 0 && start <= ends[runs - 1]) {
        ends[runs - 1] = Math.max(end, ends[runs - 1]);
        return;
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

    /// The units.
    public DataUnits build() {
      long[] before = new long[runs + 1];
      for (int i = 0; i < runs; i++) {
        before[i + 1] = before[i] + ends[i] - starts[i];
      }
      long diskUnits = Math.ceilDiv(diskSize, unitLength);
      return new DataUnits(unitLength, diskUnits, Arrays.copyOf(starts, runs), before);
    }
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
    /// Takes one run.
    ///
    /// @param unit the run's first unit
    /// @param count units in it
    /// @param ordinal units with data before it
    void run(long unit, long count, long ordinal) throws IOException;
  }

  /// Walks the runs, cut where they leave the range, from the unit with data that has `ordinal`
  /// such before it, for at most `count` units with data.
  public void forEachRun(long ordinal, long count, RunSink sink) throws IOException {
    Objects.checkFromIndexSize(ordinal, count, count());
    int found = Arrays.binarySearch(before, ordinal);
    long at = ordinal;
    for (int run = found >= 0 ? found : -found - 2; at < ordinal + count; run++) {
      long end = Math.min(before[run + 1], ordinal + count);
      sink.run(starts[run] + at - before[run], end - at, at);
      at = end;
    }
  }

  /// How many units with data lie before this one, whether it holds any or not.
  public long countBefore(long unit) {
    int found = Arrays.binarySearch(starts, unit);
    int run = found >= 0 ? found : -found - 2;
    return run < 0 ? 0 : Math.min(before[run] + unit - starts[run], before[run + 1]);
  }

  /// Walks the runs.
  public void forEachRun(RunSink sink) throws IOException {
    for (int i = 0; i < starts.length; i++) {
      sink.run(starts[i], before[i + 1] - before[i], before[i]);
    }
  }
}
