package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/// Reads a GPT: the primary copy when it is whole, else the backup.
final class GptReader {
  /// Ours; sgdisk writes at most 128 entries of 128 bytes unless told to.
  static final long ARRAY_LIMIT = 4L << 20;

  private static final List<Integer> SECTOR_SIZES = List.of(512, 4096);
  private static final int MIN_ENTRY_BYTES = 128;
  private static final int MAX_ENTRY_BYTES = 4096;
  private static final long LEGACY_BIOS_BOOTABLE = 1L << 2;

  private final Disk disk;
  private final MbrSector protectiveMbr;
  private final List<TableProblem> problems = new ArrayList<>();
  private boolean backupSound;

  /// What was wrong with the copies that carry the signature, in the order they were tried.
  private final List<String> damage = new ArrayList<>();

  /// A copy that is whole.
  private record Whole(GptHeader header, GptEntries entries) {}

  private GptReader(Disk disk, MbrSector protectiveMbr) {
    this.disk = disk;
    this.protectiveMbr = protectiveMbr;
  }

  /// @return empty when no sector that could be a header carries the signature
  /// @throws CorruptImageException when headers are there, and none is whole
  static Optional<Gpt> read(Disk disk, MbrSector protectiveMbr) throws IOException {
    return new GptReader(disk, protectiveMbr).read();
  }

  private Optional<Gpt> read() throws IOException {
    for (int sectorSize : SECTOR_SIZES) {
      Optional<Whole> primary = whole(1, sectorSize);
      if (primary.isPresent()) {
        backupSound = checkBackup(primary.get());
        return Optional.of(table(Gpt.Copy.PRIMARY, primary.get()));
      }
    }
    String primaryDamage = damage.isEmpty() ? "no \"EFI PART\" header" : damage.getLast();
    for (int sectorSize : SECTOR_SIZES) {
      for (long lba : backupPlaces(sectorSize)) {
        Optional<Whole> backup = whole(lba, sectorSize);
        if (backup.isPresent()) {
          problems.add(
              TableProblem.note("primary GPT: %s; the backup is used".formatted(primaryDamage)));
          return Optional.of(table(Gpt.Copy.BACKUP, backup.get()));
        }
      }
    }
    if (damage.isEmpty()) {
      return Optional.empty();
    }
    throw new CorruptImageException("GPT: neither copy is whole: " + String.join("; ", damage));
  }

  /// Where a backup may lie: the disk's end, where a damaged primary says, and the end that the
  /// disk had by its protective MBR.
  private Set<Long> backupPlaces(int sectorSize) throws IOException {
    Set<Long> places = new LinkedHashSet<>();
    places.add(disk.size() / sectorSize - 1);
    GptHeader.find(disk, 1, sectorSize).ifPresent(header -> places.add(header.alternateLba()));
    for (MbrEntry entry : protectiveMbr.entries()) {
      if (entry.type() == MbrEntry.TYPE_GPT) {
        places.add(entry.endSector() - 1);
      }
    }
    places.removeIf(lba -> lba <= 1);
    return places;
  }

  /// The copy whose header is in sector `lba`, if it is whole.
  private Optional<Whole> whole(long lba, int sectorSize) throws IOException {
    Optional<GptHeader> found = GptHeader.find(disk, lba, sectorSize);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    GptHeader header = found.get();
    Optional<String> wrong = wrongWith(header, lba);
    if (wrong.isPresent()) {
      damage.add("header at 0x%x: %s".formatted(lba * sectorSize, wrong.get()));
      return Optional.empty();
    }
    int entrySize = Math.toIntExact(header.entrySize());
    int arraySize = Math.toIntExact(header.numberOfEntries() * entrySize);
    long arrayOffset = header.partitionEntryLba() * sectorSize;
    GptEntries entries = new GptEntries(disk.readBytes(arrayOffset, arraySize), entrySize);
    if (entries.crc() != header.arrayCrc()) {
      damage.add(
          "entries at 0x%x: found CRC 0x%08x, expected 0x%08x"
              .formatted(arrayOffset, entries.crc(), header.arrayCrc()));
      return Optional.empty();
    }
    return Optional.of(new Whole(header, entries));
  }

  /// What makes a header unusable. Afterwards its array lies in the disk and within our limits.
  private Optional<String> wrongWith(GptHeader header, long lba) {
    int sectorSize = header.sectorSize();
    if (header.headerSize() < GptHeader.MIN_BYTES || header.headerSize() > sectorSize) {
      return wrong("HeaderSize", header.headerSize(), "92 to " + sectorSize);
    }
    if (header.computedCrc() != header.headerCrc()) {
      return Optional.of(
          "found CRC 0x%08x, expected 0x%08x".formatted(header.computedCrc(), header.headerCrc()));
    }
    if (header.myLba() != lba) {
      return wrong("MyLBA", header.myLba(), Long.toString(lba));
    }
    long entrySize = header.entrySize();
    if (entrySize < MIN_ENTRY_BYTES
        || entrySize > MAX_ENTRY_BYTES
        || Long.bitCount(entrySize) != 1) {
      return wrong("SizeOfPartitionEntry", entrySize, "a power of two from 128 to 4096");
    }
    long arraySize = header.numberOfEntries() * entrySize;
    if (arraySize == 0 || arraySize > ARRAY_LIMIT) {
      return wrong(
          "NumberOfPartitionEntries",
          header.numberOfEntries(),
          "1 to %d (our limit)".formatted(ARRAY_LIMIT / entrySize));
    }
    long first = header.partitionEntryLba();
    if (first < 2
        || first > disk.size() / sectorSize
        || arraySize > disk.size() - first * sectorSize) {
      return wrong(
          "PartitionEntryLBA", first, "an array of %d bytes in the disk".formatted(arraySize));
    }
    return Optional.empty();
  }

  private static Optional<String> wrong(String field, long found, String expected) {
    return Optional.of(
        "%s: found %s, expected %s".formatted(field, Long.toUnsignedString(found), expected));
  }

  /// @return true when the backup says what the primary does
  private boolean checkBackup(Whole primary) throws IOException {
    int sectorSize = primary.header.sectorSize();
    long lastLba = disk.size() / sectorSize - 1;
    long place = primary.header.alternateLba();
    if (place != lastLba) {
      problems.add(
          TableProblem.note(
              "primary GPT: AlternateLBA: found %s, expected %d, the disk's last sector"
                  .formatted(Long.toUnsignedString(place), lastLba)));
    }
    int before = damage.size();
    Optional<Whole> backup = whole(place, sectorSize);
    int problemsBefore = problems.size();
    if (damage.size() > before) {
      problems.add(TableProblem.note("backup GPT: %s".formatted(damage.getLast())));
    } else if (backup.isEmpty()) {
      problems.add(
          TableProblem.note(
              "backup GPT: no \"EFI PART\" header in sector %s"
                  .formatted(Long.toUnsignedString(place))));
    } else if (backup.get().header.arrayCrc() != primary.header.arrayCrc()
        || !backup.get().header.diskGuid().equals(primary.header.diskGuid())) {
      problems.add(TableProblem.note("backup GPT: differs from the primary, which is used"));
    }
    return problems.size() == problemsBefore;
  }

  private Gpt table(Gpt.Copy copy, Whole whole) {
    checkHeader(copy, whole);
    List<Partition> partitions = new ArrayList<>();
    Set<UUID> seen = new HashSet<>();
    for (int i = 0; i < whole.entries.count(); i++) {
      if (!whole.entries.used(i)) {
        continue;
      }
      if (!whole.entries.inRange(i, whole.header.sectorSize())) {
        refuse(
            "partition %d: StartingLBA %s, EndingLBA %s; it is left out"
                .formatted(
                    i + 1,
                    Long.toUnsignedString(whole.entries.startingLba(i)),
                    Long.toUnsignedString(whole.entries.endingLba(i))));
        continue;
      }
      if (!seen.add(whole.entries.uniqueGuid(i))) {
        problems.add(
            TableProblem.note(
                "partition %d: another one has its UUID %s too"
                    .formatted(i + 1, whole.entries.uniqueGuid(i))));
      }
      checkUsable(whole, i);
      partitions.add(partition(whole, i));
    }
    Overlaps.find(partitions.stream().sorted(Comparator.comparingLong(Partition::start)).toList())
        .ifPresent(problems::add);
    return new Gpt(
        copy, whole.header, whole.entries, protectiveMbr, backupSound, partitions, problems);
  }

  private void checkHeader(Gpt.Copy copy, Whole whole) {
    GptHeader header = whole.header;
    long sectors = disk.size() / header.sectorSize();
    if (header.revision() != GptHeader.REVISION_1_0) {
      refuse("GPT: Revision: found 0x%08x, expected 0x00010000".formatted(header.revision()));
    }
    if (header.firstUsableLba() < 0
        || header.lastUsableLba() < header.firstUsableLba()
        || header.lastUsableLba() >= sectors) {
      refuse(
          "GPT: usable LBAs: found %s to %s, expected them in order and below %d"
              .formatted(
                  Long.toUnsignedString(header.firstUsableLba()),
                  Long.toUnsignedString(header.lastUsableLba()),
                  sectors));
    }
    long arrayEnd = header.partitionEntryLba() + arraySectors(whole);
    if (copy == Gpt.Copy.PRIMARY && arrayEnd > header.firstUsableLba()) {
      refuse(
          "GPT: the entries reach to sector %d, expected an end before FirstUsableLBA %s"
              .formatted(arrayEnd - 1, Long.toUnsignedString(header.firstUsableLba())));
    }
  }

  private static long arraySectors(Whole whole) {
    return Math.ceilDiv(whole.entries.byteSize(), whole.header.sectorSize());
  }

  private void checkUsable(Whole whole, int index) {
    long start = whole.entries.startingLba(index);
    long end = whole.entries.endingLba(index);
    if (start < whole.header.firstUsableLba() || end > whole.header.lastUsableLba()) {
      refuse(
          "partition %d: found LBAs %d to %d, expected them within %s to %s"
              .formatted(
                  index + 1,
                  start,
                  end,
                  Long.toUnsignedString(whole.header.firstUsableLba()),
                  Long.toUnsignedString(whole.header.lastUsableLba())));
    }
  }

  private static Partition partition(Whole whole, int index) {
    GptEntries entries = whole.entries;
    int sectorSize = whole.header.sectorSize();
    long start = entries.startingLba(index) * sectorSize;
    return new Partition(
        index + 1,
        start,
        (entries.endingLba(index) + 1) * sectorSize - start,
        PartitionType.gpt(entries.typeGuid(index)),
        entries.name(index),
        Optional.of(entries.uniqueGuid(index).toString()),
        (entries.attributes(index) & LEGACY_BIOS_BOOTABLE) != 0,
        entries.attributes(index));
  }

  /// The index of the protective entry that covers the disk from sector 1.
  static OptionalInt protectiveEntry(MbrSector sector) {
    for (int i = 0; i < MbrSector.ENTRY_COUNT; i++) {
      if (sector.entry(i).type() == MbrEntry.TYPE_GPT && sector.entry(i).startSector() == 1) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  private void refuse(String text) {
    problems.add(TableProblem.refusing(text));
  }
}
