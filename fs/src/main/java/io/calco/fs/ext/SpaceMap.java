package io.calco.fs.ext;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import io.calco.fs.FileSystem;
import java.io.IOException;

/// Which blocks are in use, after the block bitmaps.
final class SpaceMap {
  private final Volume volume;

  SpaceMap(Volume volume) {
    this.volume = volume;
  }

  /// Visits runs of used or of free blocks, merged over groups, in bytes.
  private void runs(boolean used, FileSystem.RunConsumer consumer) throws IOException {
    Geometry geometry = volume.geometry;
    // Block 0 of a file system with 1 KiB blocks lies before the first group: a boot loader's.
    long runStart = used && geometry.firstDataBlock() > 0 ? 0 : -1;
    for (long group = 0; group < geometry.groupCount(); group++) {
      byte[] bits = volume.groups.blockBitmap(group);
      long first = geometry.firstBlock(group);
      int end = geometry.clustersIn(group);
      int at = 0;
      while (at < end) {
        boolean set = Bits.get(bits, at);
        int next = set ? Bits.nextClear(bits, at, end) : Bits.nextSet(bits, at, end);
        long block = first + ((long) at << geometry.clusterBits());
        if (set == used && runStart < 0) {
          runStart = block;
        } else if (set != used && runStart >= 0) {
          emit(runStart, block, consumer);
          runStart = -1;
        }
        at = next;
      }
    }
    if (runStart >= 0) {
      emit(runStart, geometry.blocksCount(), consumer);
    }
  }

  private void emit(long from, long to, FileSystem.RunConsumer consumer) throws IOException {
    consumer.accept(volume.geometry.byteOffset(from), volume.geometry.byteOffset(to - from));
  }

  void usedRuns(FileSystem.RunConsumer consumer) throws IOException {
    runs(true, consumer);
  }

  /// Wipes all free blocks and, as the journal is empty, what its log still holds of old metadata.
  ///
  /// @return bytes wiped; those that read as zeroes before do not count
  long trim() throws IOException {
    long[] wiped = {0};
    runs(false, (offset, length) -> wiped[0] += wipe(offset, length));
    Journal journal = Journal.open(volume).orElse(null);
    if (journal != null && journal.start() == 0) {
      for (long index = journal.first(); index < journal.length(); ) {
        long block = journal.physical(index);
        long length = 1;
        while (index + length < journal.length()
            && journal.physical(index + length) == block + length) {
          length++;
        }
        wiped[0] += wipe(volume.geometry.byteOffset(block), volume.geometry.byteOffset(length));
        index += length;
      }
    }
    volume.blocks.disk().sync();
    return wiped[0];
  }

  private long wipe(long offset, long length) throws IOException {
    Disk disk = volume.blocks.disk();
    long wiped = 0;
    long at = offset;
    while (at < offset + length) {
      Extent extent = disk.extentAt(at, offset + length - at);
      if (extent.allocated() && !extent.readsZero()) {
        disk.writeZeroes(at, extent.length(), ZeroMode.MAY_UNMAP);
        wiped += extent.length();
      }
      at = extent.end();
    }
    return wiped;
  }
}
