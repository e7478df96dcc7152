package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/// Moves a GPT's backup to the disk's end and grows the last partition, the backup first.
final class GptGrowth {
  private final Disk disk;
  private final Gpt table;
  private final GptHeader header;
  private final int sectorSize;

  GptGrowth(Disk disk, Gpt table) {
    this.disk = disk;
    this.table = table;
    this.header = table.header();
    this.sectorSize = header.sectorSize();
  }

  Gpt run() throws IOException {
    long lastLba = disk.size() / sectorSize - 1;
    long backupArrayLba = lastLba - Math.ceilDiv(table.entries().byteSize(), sectorSize);
    long lastUsable = backupArrayLba - 1;
    Optional<Partition> last = table.last();
    long oldEnd = last.map(Partition::end).orElse(0L);
    if (lastUsable < header.firstUsableLba() || (lastUsable + 1) * sectorSize < oldEnd) {
      throw new CorruptImageException(
          "GPT: the disk's 0x%x bytes leave no room for the backup behind the last partition, which"
                  .formatted(disk.size())
              + " ends at 0x%x".formatted(oldEnd));
    }
    long newEnd = Growth.alignedEnd(oldEnd, (lastUsable + 1) * sectorSize);
    boolean grows = last.isPresent() && newEnd > oldEnd;
    if (!grows && header.alternateLba() == lastLba && table.backupSound()) {
      return table;
    }
    GptEntries entries =
        grows
            ? table.entries().withEndingLba(last.get().number() - 1, newEnd / sectorSize - 1)
            : table.entries();
    GptHeader primary = header.moved(lastLba, lastUsable, entries.crc());
    write(primary.twin(backupArrayLba), entries);
    write(primary, entries);
    coverDisk(table.protectiveMbr());
    return Growth.current(disk, Gpt.class);
  }

  /// Writes one copy, whole on the medium when this returns.
  private void write(GptHeader copy, GptEntries entries) throws IOException {
    entries.write(disk, copy.partitionEntryLba() * sectorSize);
    copy.write(disk);
    disk.sync();
  }

  /// Makes the protective MBR cover the whole disk again; a hybrid one is left to its owner.
  private void coverDisk(MbrSector sector) throws IOException {
    OptionalInt entry = GptReader.protectiveEntry(sector);
    if (table.hybrid() || entry.isEmpty()) {
      return;
    }
    long lastLba = disk.size() / sectorSize - 1;
    long count = Math.min(lastLba, MbrEntry.MAX);
    if (sector.entry(entry.getAsInt()).sectorCount() != count) {
      sector.setLength(entry.getAsInt(), count, lastLba);
      sector.write(disk);
      disk.sync();
    }
  }
}
