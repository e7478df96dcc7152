package io.calco.nbd;

import io.calco.disk.Extent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last answer about runs, for the questions that follow it. What we write ourselves makes it
/// void; what others write meanwhile is not seen. Thread rule: safe.
final class StatusRuns {
  private List<Extent> runs = List.of();
  private long changes;
  private int last;

  /// Which state of the disk is asked about.
  synchronized long mark() {
    return changes;
  }

  /// Keeps an answer, unless the disk was changed since its mark.
  ///
  /// @param answer contiguous and ascending
  synchronized void learn(long mark, List<Extent> answer) {
    if (mark == changes) {
      runs = answer;
      last = 0;
    }
  }

  /// The disk changes.
  synchronized void forget() {
    changes++;
    runs = List.of();
  }

  /// The run that covers a byte, if it is known.
  synchronized @Nullable Extent find(long offset) {
    if (last < runs.size() && runs.get(last).offset() > offset) {
      last = 0;
    }
    while (last < runs.size() && runs.get(last).end() <= offset) {
      last++;
    }
    return last < runs.size() && runs.get(last).offset() <= offset ? runs.get(last) : null;
  }
}
