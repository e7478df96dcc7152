package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/// Writes a GPT's two copies, the backup at the disk's end, and the protective MBR. The copy that
/// the table was read from is written last.
final class GptWriter {
  private static final long PRIMARY_LBA = 1;

  private final Disk disk;
  private final Gpt table;
  private final GptHeader header;
  private final int sectorSize;

  GptWriter(Disk disk, Gpt table) {
    this.disk = disk;
    this.table = table;
    this.header = table.header();
    this.sectorSize = header.sectorSize();
  }

  /// The disk's last sector, where the backup's header belongs.
  long lastLba() {
    return disk.size() / sectorSize - 1;
  }

  /// The last sector that a partition may use.
  long lastUsableLba() {
    return lastUsableLba(table, lastLba() + 1);
  }

  /// The last sector that a partition may use on a disk of so many.
  static long lastUsableLba(Gpt table, long sectors) {
    return sectors - 2 - Math.ceilDiv(table.entries().byteSize(), table.sectorSize());
  }

  void write(GptEntries entries) throws IOException {
    long lastLba = lastLba();
    var primary = new GptHeader.Place(PRIMARY_LBA, lastLba, primaryArrayLba());
    var backup = new GptHeader.Place(lastLba, PRIMARY_LBA, lastUsableLba() + 1);
    boolean primaryWhole = table.copy() == Gpt.Copy.PRIMARY;
    for (var place : primaryWhole ? List.of(backup, primary) : List.of(primary, backup)) {
      write(header.moved(place, lastUsableLba(), entries.crc()), entries);
    }
    coverDisk(table.protectiveMbr());
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

  /// Makes the protective MBR cover the whole disk; a hybrid one is left to its owner.
  private void coverDisk(MbrSector sector) throws IOException {
    OptionalInt entry = GptReader.protectiveEntry(sector);
    if (table.hybrid() || entry.isEmpty()) {
      return;
    }
    long count = Math.min(lastLba(), MbrEntry.MAX);
    if (sector.entry(entry.getAsInt()).sectorCount() != count) {
      sector.setLength(entry.getAsInt(), count, lastLba());
      sector.write(disk);
      disk.sync();
    }
  }
}
