package io.calco.backup;

import java.io.IOException;
import java.util.Arrays;

/// Runs of bytes that do not touch each other, ascending. Immutable.
final class Runs {
  /// None.
  static final Runs NONE = new Runs(new long[0], new long[0]);

  private final long[] starts;
  private final long[] ends;

  private Runs(long[] starts, long[] ends) {
    this.starts = starts;
    this.ends = ends;
  }

  int count() {
    return starts.length;
  }

  /// Bytes in all runs.
  long bytes() {
    long bytes = 0;
    for (int i = 0; i < starts.length; i++) {
      bytes += ends[i] - starts[i];
    }
    return bytes;
  }

  /// Bytes of runs within `[offset, offset + length)`.
  long bytesIn(long offset, long length) {
    long end = offset + length;
    long bytes = 0;
    for (int i = from(offset); i < starts.length && starts[i] < end; i++) {
      bytes += Math.min(ends[i], end) - Math.max(starts[i], offset);
    }
    return bytes;
  }

  /// Takes runs.
  interface Consumer {
    void accept(long start, long end) throws IOException;
  }

  /// Calls `run` for each, ascending.
  void forEach(Consumer run) throws IOException {
    for (int i = 0; i < starts.length; i++) {
      run.accept(starts[i], ends[i]);
    }
  }

  /// True when `offset` lies in a run.
  boolean contains(long offset) {
    int i = from(offset);
    return i < starts.length && starts[i] <= offset;
  }

  /// Where what is true of `offset` ends: the end of its run, or the start of the next one,
  /// [Long#MAX_VALUE] when there is none.
  long endAt(long offset) {
    int i = from(offset);
    if (i == starts.length) {
      return Long.MAX_VALUE;
    }
    return starts[i] <= offset ? ends[i] : starts[i];
  }

  /// The first run that ends behind `offset`.
  private int from(long offset) {
    int found = Arrays.binarySearch(ends, offset + 1);
    return found >= 0 ? found : -found - 1;
  }

  /// Gathers runs in any order, in bounded memory: when there are too many, the shortest are
  /// forgotten. Confined.
  static final class Builder {
    /// Ours: 16 MiB of them.
    private static final int MOST = 1 << 20;

    private final int most;
    private long[] starts = new long[64];
    private long[] ends = new long[64];
    private int count;
    private long shortest = 1;

    Builder() {
      this(MOST);
    }

    /// @param most runs to remember, at least 2
    Builder(int most) {
      this.most = most;
    }

    /// Adds a run; it may overlap or touch others.
    ///
    /// @param start first byte, 0 or more
    /// @param end the first byte behind it
    void add(long start, long end) {
      if (count > 0 && starts[count - 1] <= start && start <= ends[count - 1]) {
        ends[count - 1] = Math.max(ends[count - 1], end);
        return;
      }
      if (count > 0 && ends[count - 1] - starts[count - 1] < shortest) {
        count--;
      }
      if (end <= start) {
        return;
      }
      if (count == most) {
        merge();
        while (count > most / 2) {
          shortest = Math.multiplyExact(shortest, 2);
          forgetShort();
        }
      }
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, Math.min(most, count * 2));
        ends = Arrays.copyOf(ends, starts.length);
      }
      starts[count] = start;
      ends[count++] = end;
    }

    private void forgetShort() {
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (ends[i] - starts[i] >= shortest) {
          starts[kept] = starts[i];
          ends[kept++] = ends[i];
        }
      }
      count = kept;
    }

    /// Makes one of what overlaps or touches. Sorted each for itself, the starts and the ends tell
    /// in how many runs a byte lies.
    private void merge() {
      Arrays.sort(starts, 0, count);
      Arrays.sort(ends, 0, count);
      int kept = 0;
      for (int first = 0; first < count; kept++) {
        int next = first + 1;
        while (next < count && starts[next] <= ends[next - 1]) {
          next++;
        }
        starts[kept] = starts[first];
        ends[kept] = ends[next - 1];
        first = next;
      }
      count = kept;
    }

    /// All that are remembered.
    Runs build() {
      merge();
      forgetShort();
      return count == 0 ? NONE : new Runs(Arrays.copyOf(starts, count), Arrays.copyOf(ends, count));
    }
  }
}
