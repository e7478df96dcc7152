package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;

/// What growing has in common, whichever the table.
final class Growth {
  private Growth() {}

  /// The table on the disk at this moment, of the same kind and fit to be written.
  static <T extends PartitionTable> T current(Disk disk, Class<T> kind) throws IOException {
    PartitionTable now =
        PartitionTable.find(disk)
            .orElseThrow(() -> new CorruptImageException("the disk has no partition table now"));
    if (!kind.isInstance(now)) {
      throw new CorruptImageException(
          "the disk has another partition table now: %s".formatted(now.name()));
    }
    requireSound(now);
    return kind.cast(now);
  }

  /// Refuses a table that is not fit to be written.
  static void requireSound(PartitionTable table) throws CorruptImageException {
    for (TableProblem problem : table.problems()) {
      if (problem.effect() == TableProblem.Effect.REFUSES_WRITING) {
        throw new CorruptImageException(
            "the partition table is not written because of a problem in it: " + problem.text());
      }
    }
  }

  /// Where a partition that ends at `end` may end when everything before `limit` is free: the last
  /// aligned byte, or where it ends already.
  static long alignedEnd(long end, long limit) {
    return Math.max(end, limit - limit % PartitionTable.ALIGNMENT);
  }
}
