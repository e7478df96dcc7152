package io.calco.volume;

import io.calco.disk.Disk;
import java.io.IOException;
import java.util.Optional;

/// Grows an MBR's last partition, containers first.
final class MbrGrowth {
  /// The bytes that a start and a count of sectors can reach together, for every tool.
  private static final long ADDRESSABLE = MbrEntry.MAX * MbrSector.BYTES;

  private final Disk disk;
  private final Mbr table;

  MbrGrowth(Disk disk, Mbr table) {
    this.disk = disk;
    this.table = table;
  }

  Mbr run() throws IOException {
    Optional<Partition> last = table.last();
    if (last.isEmpty()) {
      return table;
    }
    MbrSlot slot = slotOf(last.get());
    Optional<MbrSlot> container =
        table.slots().stream()
            .filter(s -> s.partition().extended())
            .filter(s -> contains(s.partition(), slot.partition()))
            .findFirst();
    long oldEnd = slot.partition().end();
    long outerEnd = container.map(s -> s.partition().end()).orElse(oldEnd);
    long end = Growth.alignedEnd(outerEnd, Math.min(disk.size(), ADDRESSABLE));
    if (end == oldEnd && end == outerEnd) {
      return table;
    }
    if (container.isPresent()) {
      setEnd(container.get().entry(), container.get().partition().start(), end);
    }
    if (slot.link().isPresent()) {
      setEnd(slot.link().get(), slot.entry().sector(), end);
    }
    setEnd(slot.entry(), slot.partition().start(), end);
    return Growth.current(disk, Mbr.class);
  }

  private MbrSlot slotOf(Partition partition) {
    return table.slots().stream()
        .filter(s -> s.partition().equals(partition))
        .findFirst()
        .orElseThrow();
  }

  private static boolean contains(Partition outer, Partition inner) {
    return inner.number() > MbrSector.ENTRY_COUNT
        && outer.start() < inner.start()
        && inner.end() <= outer.end();
  }

  private void setEnd(MbrSlot.Place place, long start, long end) throws IOException {
    MbrSector sector = MbrSector.read(disk, place.sector());
    sector.setLength(place.index(), (end - start) / MbrSector.BYTES, end / MbrSector.BYTES - 1);
    sector.write(disk);
    disk.sync();
  }
}
