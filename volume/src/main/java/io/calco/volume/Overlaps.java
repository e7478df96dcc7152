package io.calco.volume;

import java.util.List;
import java.util.Optional;

/// Finds partitions that share bytes.
final class Overlaps {
  private Overlaps() {}

  /// The first overlap among partitions sorted by their start.
  static Optional<TableProblem> find(List<Partition> sorted) {
    Partition reaching = null;
    for (Partition next : sorted) {
      if (reaching != null && next.start() < reaching.end()) {
        return Optional.of(
            TableProblem.refusing(
                "partitions %d and %d overlap: 0x%x to 0x%x, 0x%x to 0x%x"
                    .formatted(
                        reaching.number(),
                        next.number(),
                        reaching.start(),
                        reaching.end(),
                        next.start(),
                        next.end())));
      }
      reaching = next;
    }
    return Optional.empty();
  }
}
