package io.calco.fs.ext;

import io.calco.disk.Disk;
import java.io.IOException;

/// The least size of a file system: what is in use, the metadata of as many groups as that needs,
/// and what block maps take more of when free blocks are scattered. That last is not known before
/// it was tried, so it is: [Shrink] shows whether it fits.
final class LeastSize {
  private final Volume volume;
  private final Geometry geometry;

  private LeastSize(Volume volume) {
    this.volume = volume;
    this.geometry = volume.geometry;
  }

  /// @return in bytes
  /// @throws io.calco.disk.UnsupportedFeatureException when it cannot be shrunk
  static long of(Disk disk) throws IOException {
    Volume volume = Volume.load(disk);
    long most = volume.geometry.byteOffset(volume.geometry.blocksCount());
    // Replays the journal, and says whether it can be shrunk.
    try (Disk whole = Shrink.to(disk, most)) {
      LeastSize least = new LeastSize(Volume.load(whole));
      for (long spare = 0; ; spare = Math.max(16, spare * 2)) {
        long size = least.geometry.byteOffset(least.blocks(spare));
        if (size >= most) {
          return most;
        }
        try (Disk shrunk = Shrink.to(disk, size)) {
          return shrunk.size();
        } catch (NoSpaceException e) {
          // With more to spare.
        }
      }
    }
  }

  /// Blocks that the file system needs with `spare` free ones, by count.
  private long blocks(long spare) throws IOException {
    long free = 0;
    long inodes = 0;
    long metadata = 0;
    for (long group = 0; group < geometry.groupCount(); group++) {
      free += volume.groups.freeBlocks(group);
      inodes += geometry.inodesPerGroup() - volume.groups.freeInodes(group);
      metadata += metadata(group);
    }
    long content = geometry.blocksCount() - geometry.firstDataBlock() - free - metadata + spare;
    long room = 0;
    for (long group = 0; group < geometry.groupCount(); group++) {
      room += geometry.blocksPerGroup() - metadata(group);
      if (room >= content && (group + 1) * geometry.inodesPerGroup() >= inodes) {
        long length = geometry.blocksPerGroup() - (room - content);
        length = Math.max(length, geometry.leastBlocksIn(group));
        return Math.min(geometry.firstBlock(group) + length, geometry.blocksCount());
      }
    }
    return geometry.blocksCount();
  }

  private long metadata(long group) {
    return geometry.headBlocks(group) + 2 + geometry.inodeTableBlocks();
  }
}
