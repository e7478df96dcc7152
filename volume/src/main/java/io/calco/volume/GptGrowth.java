package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Moves a GPT's backup to the disk's end and grows the last partition. The copy that the table was
/// read from is written last.
final class GptGrowth {
  private static final long PRIMARY_LBA = 1;

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
    long backupArrayLba = lastLba - arraySectors();
    long lastUsable = backupArrayLba - 1;
    Optional<Partition> last = table.last();
    long oldEnd = last.map(Partition::end).orElse(0L);
    if (lastUsable < header.firstUsableLba() || (lastUsable + 1) * sectorSize < oldEnd) {
      throw new CorruptImageException(
          "GPT: the last partition ends at 0x%x, and the disk's end 0x%x leaves no room for the backup"
              .formatted(oldEnd, disk.size()));
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
    var primary = new GptHeader.Place(PRIMARY_LBA, lastLba, primaryArrayLba());
    var backup = new GptHeader.Place(lastLba, PRIMARY_LBA, backupArrayLba);
    boolean primaryWhole = table.copy() == Gpt.Copy.PRIMARY;
    for (var place : primaryWhole ? List.of(backup, primary) : List.of(primary, backup)) {
      write(header.moved(place, lastUsable, entries.crc()), entries);
    }
    coverDisk(table.protectiveMbr());
    return Growth.current(disk, Gpt.class);
  }

  private long arraySectors() {
    return Math.ceilDiv(table.entries().byteSize(), sectorSize);
  }

  /// Where the primary's entries lie, or, when only the backup is whole, where they belong.
  private long primaryArrayLba() throws CorruptImageException {
    if (table.copy() == Gpt.Copy.PRIMARY) {
      return header.partitionEntryLba();
    }
    if (PRIMARY_LBA + 1 + arraySectors() > header.firstUsableLba()) {
      throw new CorruptImageException(
          "GPT: FirstUsableLBA: found %d, which leaves no room for the primary's entries"
              .formatted(header.firstUsableLba()));
    }
    return PRIMARY_LBA + 1;
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
