package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

/// The sizes and places that grains are found by, of a hosted or an ESX sparse extent.
///
/// @param capacity the extent's sectors
/// @param grainSectors sectors in a grain, a power of two
/// @param entriesPerTable entries in a grain table, a power of two
/// @param directory the grain directory's first byte in the file
/// @param redundant the redundant grain directory's first byte, or 0
/// @param zeroGrains an entry of 1 says that the grain reads as zeroes
/// @param compressed grains are compressed
/// @param markers compressed grains begin with a marker
record SparseGeometry(
    long capacity,
    int grainSectors,
    int entriesPerTable,
    long directory,
    long redundant,
    boolean zeroGrains,
    boolean compressed,
    boolean markers) {

  static SparseGeometry of(SparseHeader header) {
    return new SparseGeometry(
        header.capacity(),
        header.grainSectors(),
        header.entriesPerTable(),
        header.directory() * SECTOR,
        header.redundantDirectory() * SECTOR,
        header.zeroGrains(),
        header.compressed(),
        header.markers());
  }

  long size() {
    return capacity * SECTOR;
  }

  int grainBytes() {
    return grainSectors * SECTOR;
  }

  int tableBytes() {
    return entriesPerTable * Integer.BYTES;
  }

  long grains() {
    return Math.ceilDiv(capacity, grainSectors);
  }

  /// Grain tables, at most 2^24.
  int tables() {
    return Math.toIntExact(Math.ceilDiv(grains(), entriesPerTable));
  }

  /// Guest bytes that a grain table maps.
  long tableCover() {
    return (long) grainBytes() * entriesPerTable;
  }

  /// Grains that the table maps within the extent.
  int grainsIn(int table) {
    long before = (long) table * entriesPerTable;
    return (int) Math.min(entriesPerTable, grains() - before);
  }
}
