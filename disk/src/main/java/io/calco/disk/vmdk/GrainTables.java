package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The grain tables used last, bounded in memory. Changed tables stay until [#writeChanges].
///
/// Thread rule: [#find] beside other threads; changes alone.
final class GrainTables {
  /// A grain table.
  static final class Table {
    private final int index;
    private final long place;
    private final int[] entries;
    private int changedFrom;
    private int changedTo;

    private Table(int index, long place, int[] entries) {
      this.index = index;
      this.place = place;
      this.entries = entries;
    }

    int entry(int grain) {
      return entries[grain];
    }

    private boolean isChanged() {
      return changedFrom < changedTo;
    }
  }

  private final HostFile file;
  private final SparseGeometry geometry;
  private final GrainDirectory directory;
  private final Optional<GrainDirectory> redundant;
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Integer, Table> tables = new LinkedHashMap<>(64, 0.75f, true);
  private int changedTables;

  GrainTables(
      HostFile file,
      SparseGeometry geometry,
      GrainDirectory directory,
      Optional<GrainDirectory> redundant,
      int cacheBytes) {
    this.file = file;
    this.geometry = geometry;
    this.directory = directory;
    this.redundant = redundant;
    this.capacity = Math.max(2, cacheBytes / geometry.tableBytes());
  }

  /// The table of that index, or null when there is none: its grains are unallocated.
  @Nullable Table find(int index) throws IOException {
    long sector = directory.sector(index);
    if (sector == 0) {
      return null;
    }
    lock.lock();
    try {
      Table table = tables.get(index);
      if (table == null) {
        table = read(index, sector * SECTOR);
        makeRoom();
        tables.put(index, table);
      }
      return table;
    } finally {
      lock.unlock();
    }
  }

  /// The sector of a grain table in one of the directories, 0 for none.
  long sector(int index, boolean ofRedundant) throws IOException {
    if (!ofRedundant) {
      return directory.sector(index);
    }
    return redundant.isPresent() ? redundant.get().sector(index) : 0;
  }

  /// Enters a table that was written at these sectors.
  void addTable(int index, long sector, long redundantSector) throws IOException {
    if (redundant.isPresent()) {
      redundant.get().set(index, redundantSector);
    }
    directory.set(index, sector);
  }

  private Table read(int index, long place) throws IOException {
    if (place > file.size() - geometry.tableBytes()) {
      throw CorruptImageException.at(
          file.name(),
          "grain table %d".formatted(index),
          place,
          "the end of the file at 0x%x".formatted(file.size()),
          "a whole table");
    }
    return new Table(
        index, place, GrainDirectory.readEntries(file, place, geometry.entriesPerTable()));
  }

  private void makeRoom() {
    Iterator<Table> eldest = tables.values().iterator();
    while (tables.size() >= capacity && eldest.hasNext()) {
      if (!eldest.next().isChanged()) {
        eldest.remove();
      }
    }
  }

  /// Changes an entry of a table just found.
  void set(Table table, int grain, int entry) {
    if (table.entries[grain] == entry) {
      return;
    }
    table.entries[grain] = entry;
    if (table.isChanged()) {
      table.changedFrom = Math.min(table.changedFrom, grain);
      table.changedTo = Math.max(table.changedTo, grain + 1);
    } else {
      tables.put(table.index, table);
      changedTables++;
      table.changedFrom = grain;
      table.changedTo = grain + 1;
    }
  }

  boolean isChanged() {
    return changedTables > 0;
  }

  /// True when so many tables are changed that they should be written.
  boolean mustWrite() {
    return changedTables > capacity / 2;
  }

  /// Writes the changed entries, the redundant tables before the others: what an interruption
  /// leaves is then at worst a grain that only the redundant table knows.
  void writeChanges() throws IOException {
    List<Table> changed = new ArrayList<>(changedTables);
    for (Table table : tables.values()) {
      if (table.isChanged()) {
        changed.add(table);
      }
    }
    changed.sort((a, b) -> Integer.compare(a.index, b.index));
    if (redundant.isPresent()) {
      for (Table table : changed) {
        writeTo(redundant.get().sector(table.index) * SECTOR, table);
      }
    }
    for (Table table : changed) {
      writeTo(table.place, table);
      table.changedFrom = 0;
      table.changedTo = 0;
      changedTables--;
    }
  }

  /// A redundant table that is missing or not in the file is left to a repair.
  private void writeTo(long place, Table table) throws IOException {
    if (place > 0 && place <= file.size() - geometry.tableBytes()) {
      GrainDirectory.writeEntries(
          file, place, table.entries, table.changedFrom, table.changedTo - table.changedFrom);
    }
  }
}
