package io.calco.backup;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// Runs of a disk that were found to hold already what is to be written there, between being read
/// and being written over.
///
/// Thread rule: safe for several threads at once.
public final class HeldRuns {
  /// The first byte behind each, by its first.
  private final ConcurrentSkipListMap<Long, Long> ends = new ConcurrentSkipListMap<>();

  /// Adds a run, which shares no byte with others.
  void add(long offset, long length) {
    ends.put(offset, offset + length);
  }

  /// Where what is true of `offset` ends: the end of the run that it lies in, or the start of the
  /// next one, [Long#MAX_VALUE] when there is none.
  long endAt(long offset) {
    Map.Entry<Long, Long> before = ends.floorEntry(offset);
    if (before != null && offset < before.getValue()) {
      return before.getValue();
    }
    Long next = ends.higherKey(offset);
    return next == null ? Long.MAX_VALUE : next;
  }

  /// True when `offset` lies in a run.
  boolean contains(long offset) {
    Map.Entry<Long, Long> before = ends.floorEntry(offset);
    return before != null && offset < before.getValue();
  }

  /// Nobody asks any more for what ends at `offset` or before.
  void forget(long offset) {
    Map.Entry<Long, Long> first = ends.firstEntry();
    while (first != null && first.getValue() <= offset) {
      ends.remove(first.getKey());
      first = ends.firstEntry();
    }
  }
}
