package io.calco.volume;

import io.calco.disk.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads an MBR and the chains of its extended partitions, as Linux does.
final class MbrReader {
  /// Linux's: 256 minors of a disk.
  static final int LOGICAL_LIMIT = 256;

  /// Ours; a chain with as many records without a partition serves no purpose.
  static final int RECORD_LIMIT = 512;

  private final Disk disk;
  private final MbrSector master;
  private final List<MbrSlot> slots = new ArrayList<>();
  private final List<TableProblem> problems = new ArrayList<>();
  private final Set<Long> recordsSeen = new HashSet<>();
  private int nextLogical = MbrSector.ENTRY_COUNT + 1;

  private MbrReader(Disk disk, MbrSector master) {
    this.disk = disk;
    this.master = master;
  }

  static Mbr read(Disk disk, MbrSector master) throws IOException {
    MbrReader reader = new MbrReader(disk, master);
    reader.readAll();
    return new Mbr(master.diskSignature(), master.bootCode(), reader.slots, reader.problems);
  }

  private void readAll() throws IOException {
    for (int i = 0; i < MbrSector.ENTRY_COUNT; i++) {
      MbrEntry entry = master.entry(i);
      if (entry.used()) {
        slots.add(slot(i + 1, 0, entry, new MbrSlot.Place(0, i), Optional.empty()));
      }
    }
    for (MbrSlot slot : List.copyOf(slots)) {
      if (slot.partition().extended()) {
        readChain(slot.partition());
      }
    }
    checkRanges();
  }

  /// Follows an extended partition's chain of boot records: the link in one, counted from the
  /// extended partition's start, leads to the next.
  private void readChain(Partition extended) throws IOException {
    long base = extended.start() / MbrSector.BYTES;
    long record = base;
    Optional<MbrSlot.Place> link = Optional.empty();
    while (true) {
      long offset = record * MbrSector.BYTES;
      if (offset >= extended.end() || offset + MbrSector.BYTES > disk.size()) {
        refuse(
            "extended boot record at 0x%x: lies outside its extended partition".formatted(offset));
        return;
      }
      if (!recordsSeen.add(record)) {
        refuse("extended boot record at 0x%x: the chain comes back to it".formatted(offset));
        return;
      }
      if (recordsSeen.size() > RECORD_LIMIT) {
        refuse("extended partition: more than %d boot records (our limit)".formatted(RECORD_LIMIT));
        return;
      }
      MbrSector sector = MbrSector.read(disk, offset);
      if (!sector.signed()) {
        if (record != base) { // an extended partition never written to is empty
          refuse("extended boot record at 0x%x: does not end in 0x55AA".formatted(offset));
        }
        return;
      }
      if (!addLogical(extended, record, sector, link)) {
        return;
      }
      Optional<Integer> next = nextLink(sector);
      if (next.isEmpty()) {
        return;
      }
      link = Optional.of(new MbrSlot.Place(offset, next.get()));
      record = base + sector.entry(next.get()).startSector();
    }
  }

  private static Optional<Integer> nextLink(MbrSector sector) {
    for (int i = 0; i < MbrSector.ENTRY_COUNT; i++) {
      if (sector.entry(i).used() && sector.entry(i).extended()) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /// Adds what a boot record describes; false when the limit of partitions is reached. The third
  /// and fourth entry sometimes hold rubbish, and count only when they lie in the extended
  /// partition.
  private boolean addLogical(
      Partition extended, long record, MbrSector sector, Optional<MbrSlot.Place> link) {
    for (int i = 0; i < MbrSector.ENTRY_COUNT; i++) {
      MbrEntry entry = sector.entry(i);
      if (!entry.used() || entry.extended()) {
        continue;
      }
      long end = (record + entry.endSector()) * MbrSector.BYTES;
      if (i >= 2 && end > extended.end()) {
        continue;
      }
      if (slots.size() >= LOGICAL_LIMIT) {
        refuse(
            "extended partition: more than %d partitions (Linux's limit)".formatted(LOGICAL_LIMIT));
        return false;
      }
      MbrSlot.Place place = new MbrSlot.Place(sector.offset(), i);
      MbrSlot slot = slot(nextLogical++, record, entry, place, link);
      slots.add(slot);
      if (end > extended.end() || entry.startSector() == 0) {
        refuse(
            "partition %d: bytes 0x%x to 0x%x do not lie in the extended partition's 0x%x to 0x%x"
                .formatted(
                    slot.partition().number(),
                    slot.partition().start(),
                    end,
                    extended.start(),
                    extended.end()));
      }
    }
    return true;
  }

  private MbrSlot slot(
      int number,
      long baseSector,
      MbrEntry entry,
      MbrSlot.Place place,
      Optional<MbrSlot.Place> link) {
    long signature = master.diskSignature();
    Partition partition =
        new Partition(
            number,
            (baseSector + entry.startSector()) * MbrSector.BYTES,
            entry.sectorCount() * MbrSector.BYTES,
            PartitionType.mbr(entry.type()),
            "",
            signature == 0
                ? Optional.empty()
                : Optional.of("%08x-%02x".formatted(signature, number)),
            entry.active(),
            entry.bootIndicator());
    return new MbrSlot(partition, place, link);
  }

  private void checkRanges() {
    List<Partition> sorted =
        slots.stream()
            .map(MbrSlot::partition)
            .sorted(Comparator.comparingLong(Partition::start))
            .toList();
    for (Partition partition : sorted) {
      if (partition.end() > disk.size()) {
        refuse(
            "partition %d: ends at byte 0x%x, beyond the disk's end 0x%x"
                .formatted(partition.number(), partition.end(), disk.size()));
      }
      if (partition.start() == 0) {
        refuse(
            "partition %d: begins in sector 0, where the MBR lies".formatted(partition.number()));
      }
    }
    Overlaps.find(sorted.stream().filter(p -> p.number() > MbrSector.ENTRY_COUNT).toList())
        .ifPresent(problems::add);
    Overlaps.find(sorted.stream().filter(p -> p.number() <= MbrSector.ENTRY_COUNT).toList())
        .ifPresent(problems::add);
  }

  private void refuse(String text) {
    problems.add(TableProblem.refusing(text));
  }
}
