package io.calco.disk.partclone;

/// A header that was read and judged, and what follows from it.
///
/// @param version 1 or 2
/// @param toolVersion what partclone calls itself; empty in version 1
/// @param fileSystem partclone's name for it: `EXTFS`, `NTFS`, `raw` …
/// @param deviceSize the virtual size in bytes; at least that of all blocks
/// @param totalBlocks blocks of the device, used or not; below 2^63
/// @param statedUsed used blocks as the header states them; not to be trusted in version 1
/// @param blockSize bytes in a block; 1 to 64 MiB
/// @param checksum what guards the blocks
/// @param blocksPerChecksum used blocks under one checksum, the strip; at least 1
/// @param seeding how checksums begin
/// @param mapKind how the map of used blocks is written
record PartcloneHeader(
    int version,
    String toolVersion,
    String fileSystem,
    long deviceSize,
    long totalBlocks,
    long statedUsed,
    int blockSize,
    Checksum checksum,
    long blocksPerChecksum,
    Seeding seeding,
    MapKind mapKind) {

  /// How a strip's checksum begins.
  enum Seeding {
    /// Anew.
    EACH_STRIP,
    /// Where the last one ended.
    RUNNING,
    /// Where the last one ended, and of each block only the first byte counts, as often as the
    /// block has bytes: version 1.
    RUNNING_FIRST_BYTE
  }

  /// How the map of used blocks is written.
  enum MapKind {
    /// Not at all: all blocks are there.
    NONE,
    /// A bit for each block, the least significant first.
    BITS,
    /// A byte for each block; 1 is used.
    BYTES
  }

  /// Where the map begins.
  long mapOffset() {
    return version == 1 ? PartcloneLayout.V1.LENGTH : PartcloneLayout.V2.LENGTH;
  }

  /// Bytes in the map.
  long mapLength() {
    return switch (mapKind) {
      case NONE -> 0;
      case BITS -> Math.ceilDiv(totalBlocks, 8);
      case BYTES -> totalBlocks;
    };
  }

  /// Bytes right after the map that belong to it.
  int mapEndLength() {
    if (version == 1) {
      return PartcloneLayout.V1.MAP_END.length();
    }
    return mapKind == MapKind.NONE ? 0 : PartcloneLayout.V2.BITMAP_CRC_LENGTH;
  }

  /// Where the first used block begins.
  long dataOffset() {
    return mapOffset() + mapLength() + mapEndLength();
  }

  /// Bytes in all blocks, used or not; what the device has beyond them is not in the image.
  long blockBytes() {
    return totalBlocks * blockSize;
  }
}
