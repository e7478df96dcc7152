package io.calco.fs.btrfs;

import io.calco.fs.FileSystem.RunConsumer;
import java.io.IOException;
import java.util.Arrays;

/// Runs of bytes in use, collected in any order, told in order and merged.
final class Runs {
  private final long size;
  private long[] starts = new long[1024];
  private long[] ends = new long[1024];
  private int count;

  /// @param size what lies behind it does not count
  Runs(long size) {
    this.size = size;
  }

  /// Adds a run, which may overlap others.
  ///
  /// @param start 0 or more
  /// @param length 0 or more; their sum has 63 bits
  void add(long start, long length) {
    long end = Math.min(size, start + length);
    if (start >= end) {
      return;
    }
    if (count > 0 && ends[count - 1] == start) {
      ends[count - 1] = end;
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    starts[count] = start;
    ends[count] = end;
    count++;
  }

  /// Tells of all bytes that are in some run. Sorted each for itself, the starts and the ends tell
  /// in how many runs a byte lies.
  void forEach(RunConsumer run) throws IOException {
    Arrays.sort(starts, 0, count);
    Arrays.sort(ends, 0, count);
    for (int first = 0; first < count; ) {
      int next = first + 1;
      while (next < count && starts[next] <= ends[next - 1]) {
        next++;
      }
      run.accept(starts[first], ends[next - 1] - starts[first]);
      first = next;
    }
  }
}
