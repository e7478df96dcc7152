package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes an MBR to another disk, with its partitions in other places: the boot records with all
/// that is in them but the entries, a logical partition's as far before it as it was.
final class MbrWriter {
  private static final int SECTOR = MbrSector.BYTES;

  private final Mbr table;
  private final Disk source;
  private final Disk target;
  private final Placements places;

  MbrWriter(Mbr table, Disk source, Disk target, Placements places) {
    this.table = table;
    this.source = source;
    this.target = target;
    this.places = places;
  }

  Mbr run() throws IOException {
    List<MbrSlot> primary = slots(false);
    List<MbrSlot> logical = slots(true);
    Optional<Partition> extended = extended(primary, logical);
    MbrSector master = MbrSector.read(source, 0);
    List<Partition> kept = new ArrayList<>(primary.stream().map(MbrSlot::partition).toList());
    List<MbrSector> records = List.of();
    long limit = Math.min(target.size(), MbrEntry.MAX * SECTOR);
    if (extended.isPresent()) {
      kept.remove(extended.get());
      places.require(logical.stream().map(MbrSlot::partition).toList(), SECTOR, limit);
      records = records(logical);
      Placement container = container(extended.get(), logical);
      requireFree(container, kept, limit);
      put(master, index(primary, extended.get()), container);
    }
    places.require(kept, SECTOR, limit);
    for (MbrSlot slot : primary) {
      if (kept.contains(slot.partition())) {
        put(master, slot.entry().index(), places.of(slot.partition()));
      }
    }
    for (MbrSector each : records) {
      each.write(target);
    }
    master.write(target);
    target.sync();
    return Growth.current(target, Mbr.class);
  }

  private List<MbrSlot> slots(boolean logical) {
    return table.slots().stream()
        .filter(slot -> slot.partition().number() > MbrSector.ENTRY_COUNT == logical)
        .toList();
  }

  private static int index(List<MbrSlot> slots, Partition partition) {
    return slots.stream()
        .filter(slot -> slot.partition().equals(partition))
        .findFirst()
        .orElseThrow()
        .entry()
        .index();
  }

  /// The extended partition that holds the logical ones.
  private static Optional<Partition> extended(List<MbrSlot> primary, List<MbrSlot> logical)
      throws CorruptImageException {
    if (logical.isEmpty()) {
      return Optional.empty();
    }
    List<Partition> extended =
        primary.stream().map(MbrSlot::partition).filter(Partition::extended).toList();
    if (extended.size() != 1) {
      throw new CorruptImageException(
          "MBR: found %d extended partitions, expected one to write the table anew"
              .formatted(extended.size()));
    }
    return Optional.of(extended.getFirst());
  }

  /// Where the boot record of a logical partition is to lie.
  private long record(MbrSlot slot) {
    long before = slot.partition().start() - slot.entry().sector();
    return places.of(slot.partition()).start() - before;
  }

  /// The extended partition: from the first boot record on, as far as it is wanted, or as the last
  /// logical one reaches.
  private Placement container(Partition extended, List<MbrSlot> logical) {
    long start = record(logical.getFirst());
    long end =
        logical.stream().mapToLong(slot -> places.of(slot.partition()).end()).max().orElse(0);
    long wanted = places.of(extended).end();
    return new Placement(extended.number(), start, Math.max(end, wanted) - start);
  }

  private void requireFree(Placement container, List<Partition> others, long limit)
      throws CorruptImageException {
    for (Partition other : others) {
      Placement place = places.of(other);
      if (place.start() < container.end() && container.start() < place.end()) {
        throw new CorruptImageException(
            "partitions %d and %d overlap: 0x%x to 0x%x, 0x%x to 0x%x"
                .formatted(
                    container.number(),
                    other.number(),
                    container.start(),
                    container.end(),
                    place.start(),
                    place.end()));
      }
    }
    if (container.end() > limit) {
      throw new CorruptImageException(
          "partition %d: ends at byte 0x%x, expected at most 0x%x"
              .formatted(container.number(), container.end(), limit));
    }
  }

  /// The chain: each record leads to the next.
  private List<MbrSector> records(List<MbrSlot> logical) throws IOException {
    long base = record(logical.getFirst());
    List<Map.Entry<Long, Long>> taken = new ArrayList<>();
    List<MbrSector> chain = new ArrayList<>();
    for (int i = 0; i < logical.size(); i++) {
      MbrSlot slot = logical.get(i);
      Placement place = places.of(slot.partition());
      long at = record(slot);
      taken.add(Map.entry(at, place.end()));
      if (at < base) {
        throw new CorruptImageException(
            "partition %d: its boot record would lie at 0x%x, before the first one at 0x%x"
                .formatted(slot.partition().number(), at, base));
      }
      MbrSector sector = MbrSector.read(source, slot.entry().sector()).movedTo(at);
      MbrEntry data = sector.entry(slot.entry().index());
      for (int index = 0; index < MbrSector.ENTRY_COUNT; index++) {
        if (index != slot.entry().index()) {
          sector.clear(index);
        }
      }
      sector.set(
          slot.entry().index(),
          data.at((place.start() - at) / SECTOR, place.length() / SECTOR),
          place.start() / SECTOR);
      if (i + 1 < logical.size()) {
        link(sector, slot.entry().index() == 1 ? 0 : 1, logical.get(i + 1), base);
      }
      chain.add(sector);
    }
    requireApart(taken);
    return chain;
  }

  private void link(MbrSector sector, int index, MbrSlot next, long base) {
    long at = record(next);
    long end = places.of(next.partition()).end();
    sector.set(
        index,
        new MbrEntry(0, MbrEntry.TYPE_EXTENDED, (at - base) / SECTOR, (end - at) / SECTOR),
        at / SECTOR);
  }

  /// Refuses records that lie in another logical partition.
  private static void requireApart(List<Map.Entry<Long, Long>> taken) throws CorruptImageException {
    List<Map.Entry<Long, Long>> sorted =
        taken.stream().sorted(Comparator.comparingLong(Map.Entry::getKey)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).getKey() < sorted.get(i - 1).getValue()) {
        throw new CorruptImageException(
            "extended boot record at 0x%x: lies in the logical partition before it"
                .formatted(sorted.get(i).getKey()));
      }
    }
  }

  private static void put(MbrSector sector, int index, Placement place) {
    long start = place.start() / SECTOR;
    sector.set(index, sector.entry(index).at(start, place.length() / SECTOR), start);
  }
}
