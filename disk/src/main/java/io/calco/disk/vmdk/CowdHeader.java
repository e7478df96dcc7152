package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The header of an ESX sparse ("copy on write disk") extent: "Virtual Disk Format 5.0", section
/// "ESX Server Sparse Extents".
///
/// @param capacity the extent's sectors
/// @param grainSectors a power of two, usually 1
/// @param directory the grain directory's sector
/// @param isDelta the extent names a parent of its own
record CowdHeader(long capacity, int grainSectors, long directory, boolean isDelta) {
  /// "COWD".
  static final int MAGIC_NUMBER = 0x44574f43;

  /// Spec.
  private static final int ENTRIES_PER_TABLE = 4096;

  private static final int CAPACITY = 12;
  private static final int GRAIN_SIZE = 16;
  private static final int DIRECTORY = 20;
  private static final int DIRECTORY_ENTRIES = 24;
  private static final int HEADS = 36;
  private static final int SECTORS_PER_TRACK = 40;
  private static final int GRAIN_LIMIT = 32 << 10;

  /// Reads and judges it.
  static CowdHeader read(HostFile file) throws IOException {
    if (file.size() < 4 * SECTOR) {
      throw CorruptImageException.at(
          file.name(), "COWD header", 0, file.size() + " bytes in the file", "2048 bytes");
    }
    MemorySegment raw = MemorySegment.ofArray(new byte[SECTOR]);
    file.read(0, raw);
    if (raw.get(U32, 4) != 1) {
      throw new FormatVersionException(
          "%s: COWD version %s; 1 is known"
              .formatted(file.name(), Integer.toUnsignedString(raw.get(U32, 4))));
    }
    long capacity = Integer.toUnsignedLong(raw.get(U32, CAPACITY));
    int grain = raw.get(U32, GRAIN_SIZE);
    if (grain <= 0 || grain > GRAIN_LIMIT || Integer.bitCount(grain) != 1) {
      throw CorruptImageException.at(
          file.name(),
          "COWD header's grain size",
          GRAIN_SIZE,
          Integer.toUnsignedString(grain),
          "a power of two up to " + GRAIN_LIMIT);
    }
    long entries = Integer.toUnsignedLong(raw.get(U32, DIRECTORY_ENTRIES));
    long needed = Math.ceilDiv(Math.ceilDiv(capacity, grain), ENTRIES_PER_TABLE);
    if (entries < needed) {
      throw CorruptImageException.at(
          file.name(),
          "COWD header's grain directory",
          DIRECTORY_ENTRIES,
          entries + " entries",
          "at least " + needed);
    }
    long directory = Integer.toUnsignedLong(raw.get(U32, DIRECTORY));
    // a delta has its parent's name where another has heads and sectors
    boolean isDelta =
        Integer.compareUnsigned(raw.get(U32, HEADS), 255) > 0
            || Integer.compareUnsigned(raw.get(U32, SECTORS_PER_TRACK), 255) > 0;
    return new CowdHeader(capacity, grain, directory, isDelta);
  }

  /// Refuses a delta that comes without the descriptor that would say what it rests on.
  void checkStandsAlone(HostFile file) throws UnsupportedFeatureException {
    if (isDelta) {
      throw new UnsupportedFeatureException(
          file.name() + ": is the delta of another disk; open its descriptor");
    }
  }

  SparseGeometry geometry() {
    return new SparseGeometry(
        capacity, grainSectors, ENTRIES_PER_TABLE, directory * SECTOR, 0, false, false, false);
  }
}
