package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongBinaryOperator;

/// Moves a GPT's backup to the disk's end and grows the last partition if that is wanted.
final class GptGrowth {
  private final Disk disk;
  private final Gpt table;
  private final GptHeader header;

  GptGrowth(Disk disk, Gpt table) {
    this.disk = disk;
    this.table = table;
    this.header = table.header();
  }

  /// Moves the backup, and grows the last partition.
  Gpt grow() throws IOException {
    return run(Growth::alignedEnd);
  }

  /// Moves the backup.
  Gpt move() throws IOException {
    return run((end, limit) -> end);
  }

  /// @param rule where a partition that ends at the first may end below the second
  private Gpt run(LongBinaryOperator rule) throws IOException {
    GptWriter writer = new GptWriter(disk, table);
    long sectorSize = header.sectorSize();
    long limit = (writer.lastUsableLba() + 1) * sectorSize;
    Optional<Partition> last = table.last();
    long oldEnd = last.map(Partition::end).orElse(0L);
    if (writer.lastUsableLba() < header.firstUsableLba() || limit < oldEnd) {
      throw new CorruptImageException(
          "GPT: the last partition ends at 0x%x, and the disk's end 0x%x leaves no room for the backup"
              .formatted(oldEnd, disk.size()));
    }
    long newEnd = rule.applyAsLong(oldEnd, limit);
    boolean grows = last.isPresent() && newEnd > oldEnd;
    if (!grows && header.alternateLba() == writer.lastLba() && table.backupSound()) {
      return table;
    }
    writer.write(
        grows
            ? table.entries().withEndingLba(last.get().number() - 1, newEnd / sectorSize - 1)
            : table.entries());
    return Growth.current(disk, Gpt.class);
  }
}
