package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What in a boot record or GPT is a reason not to take the disk from a stranger: tools of
/// different makers would see different things in it. Stricter than [PartitionTable#find], which
/// reads what a user has.
///
/// Source: the checks of OpenStack's image inspector after its advisories of 2022–2026.
public final class TableRisks {
  private static final long ENTRY_COUNT_LIMIT = 1024;
  private static final long ENTRY_SIZE = 128;

  private TableRisks() {}

  /// The reasons, each one line; none for a disk without a table.
  public static List<String> of(Disk disk) throws IOException {
    if (disk.size() < MbrSector.BYTES) {
      return List.of();
    }
    MbrSector sector = MbrSector.read(disk, 0);
    if (!sector.signed()) {
      return List.of();
    }
    if (BareFileSystem.isIn(sector, disk)) {
      return BareFileSystem.couldHoldPartition(sector, disk)
          ? List.of("a file system's boot sector, with entries for partitions as well")
          : List.of();
    }
    List<String> risks = new ArrayList<>();
    for (int i = 0; i < MbrSector.ENTRY_COUNT; i++) {
      MbrEntry entry = sector.entry(i);
      if (entry.bootIndicator() != 0 && !entry.active()) {
        risks.add(
            "MBR entry %d: boot flag 0x%02x, neither 0x00 nor 0x80"
                .formatted(i + 1, entry.bootIndicator()));
      }
    }
    if (sector.protective()) {
      addProtective(sector, risks);
      addGpt(disk, risks);
    }
    return risks;
  }

  private static void addProtective(MbrSector sector, List<String> risks) {
    for (int i = 0; i < MbrSector.ENTRY_COUNT; i++) {
      MbrEntry entry = sector.entry(i);
      if (entry.type() == MbrEntry.TYPE_GPT) {
        if (entry.startSector() != 1) {
          risks.add(
              "MBR entry %d: a protective partition that begins at sector %d instead of 1"
                  .formatted(i + 1, entry.startSector()));
        }
      } else if (entry.type() != 0) {
        risks.add(
            "MBR entry %d: a partition of type 0x%02x beside the protective one (a hybrid MBR)"
                .formatted(i + 1, entry.type()));
      }
    }
  }

  private static void addGpt(Disk disk, List<String> risks) throws IOException {
    for (int sectorSize : new int[] {512, 4096}) {
      Optional<GptHeader> header = GptHeader.find(disk, 1, sectorSize);
      if (header.isPresent()) {
        long count = header.get().numberOfEntries();
        long size = header.get().entrySize();
        if (count > ENTRY_COUNT_LIMIT || size % ENTRY_SIZE != 0 || size > 4096 || size == 0) {
          risks.add("GPT: %d entries of %d bytes".formatted(count, size));
          return;
        }
      }
    }
    try {
      PartitionTable.find(disk)
          .ifPresent(table -> table.problems().forEach(problem -> risks.add(problem.text())));
    } catch (CorruptImageException unreadable) {
      risks.add(unreadable.getMessage());
    }
  }
}
