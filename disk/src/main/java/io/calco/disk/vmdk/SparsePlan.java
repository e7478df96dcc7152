package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

import java.util.Arrays;

/// Where the parts of a new hosted sparse extent lie: header, descriptor, the redundant directory
/// with all its tables, the directory with all its tables, grains.
///
/// @param header the extent's header
/// @param tables grain tables
/// @param tableSectors sectors in a grain table
record SparsePlan(SparseHeader header, int tables, int tableSectors) {
  /// Room for an embedded descriptor.
  static final int DESCRIPTOR_SECTORS = 20;

  /// An extent of this size in grains of 64 KiB.
  ///
  /// @param descriptorSectors room for a descriptor, or 0
  static SparsePlan of(long capacity, int descriptorSectors, boolean zeroGrains) {
    int tableSectors = SparseLayout.USUAL_ENTRIES * 4 / SECTOR;
    long tables =
        Math.ceilDiv(Math.ceilDiv(capacity, SparseLayout.USUAL_GRAIN), SparseLayout.USUAL_ENTRIES);
    long copy = GrainCodec.sectors(4 * tables) + tables * tableSectors;
    long redundant = 1L + descriptorSectors;
    long directory = redundant + copy;
    long overhead =
        Math.ceilDiv(directory + copy, SparseLayout.USUAL_GRAIN) * SparseLayout.USUAL_GRAIN;
    SparseHeader header =
        new SparseHeader(
            zeroGrains ? 2 : 1,
            SparseLayout.FLAG_LINE_ENDS
                | SparseLayout.FLAG_REDUNDANT
                | (zeroGrains ? SparseLayout.FLAG_ZERO_GRAINS : 0),
            capacity,
            SparseLayout.USUAL_GRAIN,
            descriptorSectors == 0 ? 0 : 1,
            descriptorSectors,
            SparseLayout.USUAL_ENTRIES,
            redundant,
            directory,
            overhead,
            false,
            0);
    return new SparsePlan(header, Math.toIntExact(tables), tableSectors);
  }

  /// The header of a stream-optimized extent.
  static SparseHeader streamHeader(long capacity) {
    return new SparseHeader(
        3,
        SparseLayout.FLAG_LINE_ENDS | SparseLayout.FLAG_COMPRESSED | SparseLayout.FLAG_MARKERS,
        capacity,
        SparseLayout.USUAL_GRAIN,
        1,
        DESCRIPTOR_SECTORS,
        SparseLayout.USUAL_ENTRIES,
        0,
        SparseLayout.DIRECTORY_AT_END,
        SparseLayout.USUAL_GRAIN,
        false,
        SparseLayout.COMPRESSION_DEFLATE);
  }

  /// The entries of one of the directories.
  ///
  /// @param place its sector
  int[] directory(long place) {
    int[] entries = new int[tables];
    long first = place + GrainCodec.sectors(4L * tables);
    Arrays.setAll(entries, i -> (int) (first + (long) i * tableSectors));
    return entries;
  }
}
