package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.util.Optional;

/// A directory's data blocks, each of one or more blocks of the file system.
final class DirectoryBlocks {
  private static final int AHEAD_BYTES = 128 << 10;

  private final Volume volume;
  private final Inode directory;
  private final ExtentList extents;

  DirectoryBlocks(Volume volume, Inode directory) throws IOException {
    this(volume, directory, Fork.data(volume, directory).extents());
  }

  DirectoryBlocks(Volume volume, Inode directory, ExtentList extents) {
    this.volume = volume;
    this.directory = directory;
    this.extents = extents;
  }

  private int shift() {
    return volume.geometry.directoryBits - volume.geometry.blockBits;
  }

  /// The first data block from `index` on that is there; −1 when none is.
  long next(long index) {
    int at = extents.indexAfter(index << shift());
    if (at == extents.all().size()) {
      return -1;
    }
    long next = Math.max(index, extents.all().get(at).offset() >> shift());
    return next << volume.geometry.directoryBits < DirectoryFormat.INDEX_AT ? next : -1;
  }

  /// A data block, checked, the caller's to change.
  byte[] read(long index) throws IOException {
    int count = volume.geometry.directoryBlocks();
    long first = index << shift();
    Optional<Extent> whole = extents.at(first);
    if (whole.isPresent() && whole.get().end() >= first + count) {
      return readWhole(whole.get(), first, count);
    }
    byte[] block = new byte[volume.geometry.directorySize()];
    long place = 0;
    boolean changed = false;
    for (int i = 0; i < count; i++) {
      long at = first + i;
      Extent extent = extents.at(at).orElseThrow(() -> hole(index)).part(at, at + 1);
      long linear = volume.geometry.linear(extent.start());
      byte[] part = volume.blocks.copy(linear, 1);
      System.arraycopy(part, 0, block, i << volume.geometry.blockBits, part.length);
      place = i == 0 ? linear : place;
      changed |= volume.blocks.isChanged(linear);
    }
    verify(block, place, changed);
    return block;
  }

  private byte[] readWhole(Extent extent, long first, int count) throws IOException {
    long linear = volume.geometry.linear(extent.start() + first - extent.offset());
    int ahead = (int) Math.min(AHEAD_BYTES >> volume.geometry.blockBits, extent.end() - first);
    volume.blocks.prefetch(linear, Math.max(count, ahead));
    byte[] block = volume.blocks.copy(linear, count);
    verify(block, linear, volume.blocks.isChanged(linear));
    return block;
  }

  private void verify(byte[] block, long linear, boolean changed) throws CorruptImageException {
    if (!changed) {
      Metadata.DIRECTORY.verify(
          volume.geometry,
          block,
          0,
          block.length,
          linear << volume.geometry.blockBits,
          directory.number());
    }
  }

  private CorruptImageException hole(long index) {
    return new CorruptImageException(
        "xfs file system: directory %d: found a hole in block %d, expected none"
            .formatted(directory.number(), index));
  }
}
