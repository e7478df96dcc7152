package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Makes the boot records of an MBR's extended partition again. Clonezilla keeps the first of them,
/// and of the others only which partitions they describe: where they lay is what sfdisk would do
/// now, the same distance before their partition as the first one's.
final class ExtendedChain {
  private static final int SECTOR = 512;
  private static final int ENTRIES = 446;
  private static final int ENTRY = 16;
  private static final int TYPE = 4;
  private static final int START = 8;
  private static final int COUNT = 12;
  private static final int SIGNATURE = 0xaa55;
  private static final int LINK_TYPE = 5;
  private static final int ACTIVE = 0x80;
  private static final long SECTORS_MAX = 0xffff_ffffL;

  private final String file;
  private final SfdiskDump.Entry extended;
  private final List<SfdiskDump.Entry> logical;
  private final Optional<byte[]> first;

  /// @param file the dump, for messages
  /// @param extended the extended partition
  /// @param logical those in it, in the order of their numbers
  /// @param first the boot record that was saved
  ExtendedChain(
      String file,
      SfdiskDump.Entry extended,
      List<SfdiskDump.Entry> logical,
      Optional<byte[]> first) {
    this.file = file;
    this.extended = extended;
    this.logical = List.copyOf(logical);
    this.first = first.filter(bytes -> bytes.length == SECTOR);
  }

  /// The records, by the sector that they lie in.
  SequencedMap<Long, byte[]> records() throws CorruptImageException {
    SequencedMap<Long, byte[]> records = new TreeMap<>();
    if (logical.isEmpty()) {
      records.put(extended.start(), firstRecord());
      return records;
    }
    List<Long> places = places();
    for (int i = 0; i < places.size(); i++) {
      byte[] record = i == 0 ? firstRecord() : new byte[SECTOR];
      long place = places.get(i);
      SfdiskDump.Entry partition = logical.get(i);
      byte[] entries = new byte[4 * ENTRY];
      put(entries, 0, typeOf(partition), place, partition.start(), partition.size());
      entries[0] = (byte) (partition.bootable() ? ACTIVE : 0);
      if (i + 1 < places.size()) {
        long next = places.get(i + 1);
        put(entries, ENTRY, LINK_TYPE, extended.start(), next, logical.get(i + 1).end() - next);
      }
      if (!sameEntries(record, entries)) {
        System.arraycopy(entries, 0, record, ENTRIES, entries.length);
      }
      LittleEndian.put16(record, SECTOR - 2, SIGNATURE);
      records.put(place, record);
    }
    return records;
  }

  private byte[] firstRecord() {
    return first.map(byte[]::clone).orElseGet(() -> new byte[SECTOR]);
  }

  /// True when a record's entries mean the same already; their cylinders and heads may differ.
  private static boolean sameEntries(byte[] record, byte[] entries) {
    for (int at = 0; at < entries.length; at += ENTRY) {
      if (record[ENTRIES + at] != entries[at]
          || record[ENTRIES + at + TYPE] != entries[at + TYPE]
          || !Arrays.equals(
              record,
              ENTRIES + at + START,
              ENTRIES + at + ENTRY,
              entries,
              at + START,
              at + ENTRY)) {
        return false;
      }
    }
    return true;
  }

  private List<Long> places() throws CorruptImageException {
    long distance = logical.getFirst().start() - extended.start();
    List<Long> places = new ArrayList<>();
    for (int i = 0; i < logical.size(); i++) {
      SfdiskDump.Entry partition = logical.get(i);
      if (partition.start() <= extended.start() || partition.end() > extended.end()) {
        throw wrong(partition, "does not lie in the extended partition");
      }
      long free = freeBefore(partition);
      long place =
          i == 0
              ? extended.start()
              : i == 1 && linked().filter(at -> at >= free && at < partition.start()).isPresent()
                  ? linked().get()
                  : Math.max(free, partition.start() - distance);
      if (place >= partition.start() || places.contains(place)) {
        throw wrong(partition, "leaves no room for its extended boot record");
      }
      places.add(place);
    }
    return places;
  }

  /// The first sector behind what lies before a partition.
  private long freeBefore(SfdiskDump.Entry partition) {
    return logical.stream()
        .filter(other -> other.start() < partition.start())
        .mapToLong(SfdiskDump.Entry::end)
        .max()
        .orElse(extended.start() + 1);
  }

  /// Where the saved record says that the second one lies.
  private Optional<Long> linked() {
    return first
        .filter(bytes -> bytes[ENTRIES + ENTRY + TYPE] != 0)
        .map(bytes -> extended.start() + LittleEndian.u32(bytes, ENTRIES + ENTRY + START));
  }

  private int typeOf(SfdiskDump.Entry partition) throws CorruptImageException {
    if (!partition.type().matches("[0-9a-f]{1,2}")) {
      throw wrong(partition, "has no type of an MBR: " + partition.type());
    }
    return Integer.parseInt(partition.type(), 16);
  }

  /// @param base what its start counts from
  private void put(byte[] entries, int at, int type, long base, long start, long count)
      throws CorruptImageException {
    if (start - base > SECTORS_MAX || count > SECTORS_MAX) {
      throw new CorruptImageException(
          "%s: found %d sectors from %d, more than an MBR can tell".formatted(file, count, start));
    }
    cylinders(entries, at + 1, start);
    entries[at + TYPE] = (byte) type;
    cylinders(entries, at + TYPE + 1, start + count - 1);
    LittleEndian.put32(entries, at + START, start - base);
    LittleEndian.put32(entries, at + COUNT, count);
  }

  /// Head, sector and cylinder in the geometry that every tool supposes.
  private static void cylinders(byte[] entries, int at, long sector) {
    long track = sector / 63;
    boolean beyond = track / 255 > 1023;
    int cylinder = beyond ? 1023 : (int) (track / 255);
    entries[at] = (byte) (beyond ? 254 : track % 255);
    entries[at + 1] = (byte) ((beyond ? 63 : sector % 63 + 1) | (cylinder >> 8) << 6);
    entries[at + 2] = (byte) cylinder;
  }

  private CorruptImageException wrong(SfdiskDump.Entry partition, String what) {
    return new CorruptImageException(
        "%s: partition %s at sector %d: %s"
            .formatted(file, partition.device(), partition.start(), what));
  }
}
