package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.util.Arrays;

/// The inodes by their numbers.
final class Inodes {
  /// Blocks read ahead with an inode's: most of its chunk of 64.
  private static final int AHEAD_BYTES = 32 << 10;

  /// Bytes that are read with an inode of 256 bytes.
  private static final int CLUSTER = 8192;

  private final Geometry geometry;
  private final Blocks blocks;

  Inodes(Geometry geometry, Blocks blocks) {
    this.geometry = geometry;
    this.blocks = blocks;
  }

  private long inGroupBlock(long number) {
    return geometry.inodeInGroup(number) >>> geometry.inodesPerBlockBits;
  }

  private long linear(long number) {
    return geometry.linear(geometry.groupOfInode(number), inGroupBlock(number));
  }

  private int inBlock(long number) {
    return (int) (number & (1 << geometry.inodesPerBlockBits) - 1) << geometry.inodeBits;
  }

  /// Reads an inode in use.
  ///
  /// @throws CorruptImageException when it is not in use, or is none
  Inode read(long number) throws IOException {
    Inode inode = readAny(number);
    inode.check(geometry, offset(number));
    if (inode.mode() == 0) {
      throw Metadata.INODE.corrupt(offset(number), "inode " + number + " free", "one in use");
    }
    return inode;
  }

  /// Reads an inode that may be free.
  Inode readAny(long number) throws IOException {
    if (!geometry.holdsInode(number)) {
      throw new CorruptImageException(
          "xfs file system: a reference to inode %d, which cannot be".formatted(number));
    }
    prefetch(number);
    byte[] block = blocks.read(linear(number), (content, offset) -> {});
    int at = inBlock(number);
    Inode inode = new Inode(number, Arrays.copyOfRange(block, at, at + geometry.inodeSize));
    if (!blocks.isChanged(linear(number))) {
      Metadata.INODE.verify(geometry, inode.raw(), 0, geometry.inodeSize, offset(number), number);
    }
    return inode;
  }

  private void prefetch(long number) throws IOException {
    int ahead = Math.max(1, AHEAD_BYTES >> geometry.blockBits);
    long block = inGroupBlock(number) / ahead * ahead;
    int group = geometry.groupOfInode(number);
    int length = (int) Math.min(ahead, geometry.groupLength(group) - block);
    blocks.prefetch(geometry.linear(group, block), length);
  }

  private long offset(long number) {
    return (linear(number) << geometry.blockBits) + inBlock(number);
  }

  /// Stores an inode.
  void write(Inode inode) throws IOException {
    long linear = linear(inode.number());
    byte[] block = blocks.copy(linear, 1);
    Metadata.INODE.seal(inode.raw(), 0, geometry.inodeSize);
    System.arraycopy(inode.raw(), 0, block, inBlock(inode.number()), geometry.inodeSize);
    blocks.put(linear, block, cluster(inode.number()));
  }

  /// Stores an inode where none was: what lies there is not looked at.
  void writeFresh(Inode inode) throws IOException {
    long linear = linear(inode.number());
    if (inBlock(inode.number()) == 0) {
      blocks.put(linear, new byte[geometry.blockSize()], cluster(inode.number()));
    }
    write(inode);
  }

  /// The buffer that the kernel reads the inode with.
  private Blocks.Buffer cluster(long number) {
    long inGroup = inGroupBlock(number);
    int bytes = CLUSTER * (geometry.inodeSize / 256);
    if (geometry.inodeAlignment < bytes >> geometry.blockBits) {
      bytes = CLUSTER;
    }
    int count = Math.max(1, bytes >> geometry.blockBits);
    long in = geometry.inodeAlignment > 1 ? inGroup % geometry.inodeAlignment : 0;
    long start = inGroup - in + in / count * count;
    return new Blocks.Buffer(
        geometry.linear(geometry.groupOfInode(number), start), count, Buffers.INODES);
  }
}
