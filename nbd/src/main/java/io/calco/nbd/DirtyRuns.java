package io.calco.nbd;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.util.Arrays;

/// What a dirty bitmap has marked, as it was when it was read. Immutable.
public final class DirtyRuns {
  private final String name;
  private final long[] bounds; // begins and ends in turn, ascending

  private DirtyRuns(String name, long[] bounds) {
    this.name = name;
    this.bounds = bounds;
  }

  /// Those of a bitmap that is consistent.
  ///
  /// @throws LimitExceededException when it has more than [DirtyBitmaps#MERGED_RUNS_MAX] runs
  public static DirtyRuns read(DirtyBitmaps bitmaps, String name) throws IOException {
    Bounds bounds = new Bounds();
    bitmaps.forEachDirty(name, bounds::add);
    return new DirtyRuns(name, Arrays.copyOf(bounds.values, bounds.count));
  }

  private static final class Bounds {
    private long[] values = new long[64];
    private int count;

    void add(DirtyBitmaps.Run run) throws LimitExceededException {
      if (count == 2 * DirtyBitmaps.MERGED_RUNS_MAX) {
        throw new LimitExceededException(
            "a bitmap has more than %d runs (our limit)".formatted(DirtyBitmaps.MERGED_RUNS_MAX));
      }
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = run.offset();
      values[count++] = run.offset() + run.length();
    }
  }

  /// The bitmap's name.
  public String name() {
    return name;
  }

  /// How many bounds lie at or before `offset`: odd within a run.
  private int boundsUpTo(long offset) {
    int found = Arrays.binarySearch(bounds, offset);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /// True when the byte is marked.
  boolean isDirty(long offset) {
    return boundsUpTo(offset) % 2 == 1;
  }

  /// Where that changes next; beyond `offset`, at most `most`.
  long nextChange(long offset, long most) {
    int next = boundsUpTo(offset);
    return next < bounds.length ? Math.min(bounds[next], most) : most;
  }
}
