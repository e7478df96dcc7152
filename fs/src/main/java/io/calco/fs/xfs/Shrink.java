package io.calco.fs.xfs;

import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Rearranged;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.Map;

/// Shows a file system as it would be without some of what is free at its end, as `xfs_growfs -D`
/// does on newer kernels: of the last group, never a whole group. The disk that it is on stays as
/// it is: what changes of the metadata is kept in memory.
final class Shrink {
  private static final int BLOCKS_AT = 8; // in a superblock
  private static final int LENGTH_AT = 12; // in the group's other headers
  private static final long LEAST_GROUP = 64; // XFS's, in blocks

  private final Disk front;
  private final Volume volume;
  private final LogWriter log;
  private final Group last;

  private Shrink(Disk front) throws IOException {
    this.front = front;
    this.volume = Volume.load(front);
    this.log = XfsFileSystemType.writer(volume);
    this.last = volume.space.group(volume.geometry.groups - 1);
  }

  /// @throws io.calco.disk.UnsupportedFeatureException when it cannot be written
  static Shrink of(Disk disk) throws IOException {
    Geometry geometry = Volume.load(disk).geometry;
    Disk whole = disk.slice(0, geometry.blocks << geometry.blockBits);
    return new Shrink(Disk.owning(new Rearranged(whole, geometry.blockBits)));
  }

  /// In bytes.
  long leastSize() {
    return (volume.geometry.blocks - most()) << volume.geometry.blockBits;
  }

  /// Blocks that can go. What the group's b-trees may come to need stays, and the part of it that
  /// the kernel sets aside for them.
  private long most() {
    long length = volume.geometry.groupLength(last.number);
    Map.Entry<Long, Long> run = last.free.lastEntry();
    if (run == null || run.getKey() + run.getValue() != length) {
      return 0;
    }
    long kept = GroupStore.reserve(volume.geometry, last) + length / 64;
    long most = Math.min(run.getValue(), last.freeBlocks() - kept);
    return Math.max(0, Math.min(most, length - LEAST_GROUP));
  }

  /// The file system on at most `size` bytes.
  ///
  /// @throws LimitExceededException when more than its free end would have to go
  Disk to(long size) throws IOException {
    Geometry geometry = volume.geometry;
    long blocks = Math.min(geometry.blocks, size >> geometry.blockBits);
    long less = geometry.blocks - blocks;
    if (less > most()) {
      throw new LimitExceededException(
          "xfs file system: what is in it ends behind %d bytes".formatted(size));
    }
    if (less > 0) {
      last.takeLast(less);
      new Transaction(volume, log).commit();
      write(blocks, geometry.groupLength(last.number) - less);
    }
    return front.slice(0, blocks << geometry.blockBits).readOnly();
  }

  /// Writes the sizes into every superblock, and into the last group's headers.
  private void write(long blocks, long length) throws IOException {
    for (int group = 0; group < volume.geometry.groups; group++) {
      byte[] superblock = header(group, 0);
      BigEndian.put64(superblock, BLOCKS_AT, blocks);
      put(Metadata.SUPERBLOCK, group, 0, superblock);
    }
    byte[] space = header(last.number, 1);
    BigEndian.put32(space, LENGTH_AT, length);
    put(Metadata.AGF, last.number, 1, space);
    byte[] inodes = header(last.number, 2);
    BigEndian.put32(inodes, LENGTH_AT, length);
    put(Metadata.AGI, last.number, 2, inodes);
  }

  private byte[] header(int group, int index) throws IOException {
    return front.readBytes(volume.groupHeaderOffset(group, index), volume.geometry.sectorSize);
  }

  private void put(Metadata kind, int group, int index, byte[] sector) throws IOException {
    kind.seal(sector, 0, sector.length);
    front.writeBytes(volume.groupHeaderOffset(group, index), sector);
  }
}
