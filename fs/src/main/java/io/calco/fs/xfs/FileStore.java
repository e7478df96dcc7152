package io.calco.fs.xfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Stores the content of regular files and symbolic links, always into blocks that were free.
final class FileStore {
  private static final int LINK_MAGIC = 0x58534C4D;
  private static final int LINK_HEADER = 56;

  private final Volume volume;
  private final Inode inode;

  FileStore(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
  }

  private int near() {
    return volume.geometry.groupOfInode(inode.number());
  }

  /// Gives back all blocks of the data; the file is empty afterwards.
  void free() throws IOException {
    if (inode.format() == Inode.EXTENTS || inode.format() == Inode.BTREE) {
      Fork.Content old = Fork.data(volume, inode);
      for (Extent extent : old.extents().all()) {
        release(extent);
      }
      new ForkStore(volume, inode).store(List.of(), old.treeBlocks());
    } else if (inode.format() == Inode.LOCAL) {
      int at = inode.coreSize();
      Arrays.fill(inode.raw(), at, at + inode.dataForkSize(), (byte) 0);
      inode.putFormat(Inode.EXTENTS);
    }
    inode.putSize(0);
    inode.putFlags2(inode.flags2() & ~Inode.FLAG2_REFLINK);
  }

  private void release(Extent extent) throws IOException {
    if ((inode.flags2() & Inode.FLAG2_REFLINK) != 0) {
      volume.space.releaseShared(extent.start(), extent.count());
    } else {
      volume.space.release(extent.start(), extent.count());
    }
    inode.putBlocks(inode.blocks() - extent.count());
  }

  /// Replaces the content. The caller stores the inode.
  void replace(byte[] content) throws IOException {
    free();
    int blockSize = volume.geometry.blockSize();
    long blocks = (content.length + (long) blockSize - 1) / blockSize;
    if (blocks == 0) {
      return;
    }
    List<Extent> runs = volume.space.take(near(), blocks);
    MemorySegment source = MemorySegment.ofArray(content);
    for (Extent run : runs) {
      long from = run.offset() * blockSize;
      long length = Math.min(content.length - from, run.count() * blockSize);
      long aligned = length & -blockSize;
      long linear = volume.geometry.linear(run.start());
      if (aligned > 0) {
        volume.blocks.writeContent(linear, source.asSlice(from, aligned));
      }
      if (aligned < length) {
        byte[] last = new byte[blockSize];
        MemorySegment.copy(
            source, from + aligned, MemorySegment.ofArray(last), 0, length - aligned);
        volume.blocks.writeContent(linear + aligned / blockSize, MemorySegment.ofArray(last));
      }
    }
    new ForkStore(volume, inode).store(runs, List.of());
    inode.putBlocks(inode.blocks() + blocks);
    inode.putSize(content.length);
  }

  /// Stores a symbolic link's target: into the inode when it is short enough.
  void storeTarget(byte[] target) throws IOException {
    int blockSize = volume.geometry.blockSize();
    if (target.length <= inode.dataForkSize()) {
      inode.putFormat(Inode.LOCAL);
      System.arraycopy(target, 0, inode.raw(), inode.coreSize(), target.length);
      inode.putSize(target.length);
      return;
    }
    int blocks = (LINK_HEADER + target.length + blockSize - 1) / blockSize;
    long start = volume.space.takeRun(near(), blocks, 1);
    byte[] content = new byte[blocks * blockSize];
    BigEndian.put32(content, 0, LINK_MAGIC);
    BigEndian.put32(content, 8, target.length);
    System.arraycopy(target, 0, content, LINK_HEADER, target.length);
    Geometry geometry = volume.geometry;
    long linear = geometry.linear(start);
    Metadata.LINK.claim(geometry, content, linear << geometry.blockBits, inode.number());
    Metadata.LINK.seal(content, 0, content.length);
    for (int i = 0; i < blocks; i++) {
      byte[] block = Arrays.copyOfRange(content, i * blockSize, (i + 1) * blockSize);
      volume.blocks.put(linear + i, block, new Blocks.Buffer(linear, blocks, Buffers.LINK));
    }
    List<Extent> runs = List.of(new Extent(0, start, blocks, false));
    inode.putFormat(Inode.EXTENTS);
    new ForkStore(volume, inode).store(runs, List.of());
    inode.putBlocks(inode.blocks() + blocks);
    inode.putSize(target.length);
  }

  /// Sets the length of a regular file. The caller stores the inode.
  void truncate(long length) throws IOException {
    int bits = volume.geometry.blockBits;
    if (length > Long.MAX_VALUE - volume.geometry.blockSize()) {
      throw new LimitExceededException("xfs file system: a file of " + length + " bytes");
    }
    Fork.Content old = Fork.data(volume, inode);
    long kept = Math.min(length, inode.size());
    long keep = kept + volume.geometry.blockSize() - 1 >> bits;
    List<Extent> extents = new ArrayList<>();
    for (Extent extent : old.extents().all()) {
      if (extent.offset() < keep) {
        extents.add(extent.part(0, keep));
      }
      if (extent.end() > keep) {
        release(extent.part(keep, extent.end()));
      }
    }
    wipeTail(extents, kept);
    new ForkStore(volume, inode).store(extents, old.treeBlocks());
    inode.putSize(length);
  }

  /// What lies behind the end in the last block must read as zeroes if the file grows: the block is
  /// replaced by one where it does.
  private void wipeTail(List<Extent> extents, long end) throws IOException {
    int in = (int) (end & volume.geometry.blockSize() - 1);
    long block = end >> volume.geometry.blockBits;
    Optional<Extent> holder = new ExtentList(extents).at(block);
    if (in == 0 || holder.isEmpty() || holder.get().unwritten()) {
      return;
    }
    Extent last = holder.get().part(block, block + 1);
    byte[] content = new byte[volume.geometry.blockSize()];
    volume.blocks.readContent(
        volume.geometry.linear(last.start()), 0, MemorySegment.ofArray(content));
    Arrays.fill(content, in, content.length, (byte) 0);
    long fresh = volume.space.takeRun(near(), 1, 1);
    inode.putBlocks(inode.blocks() + 1);
    volume.blocks.writeContent(volume.geometry.linear(fresh), MemorySegment.ofArray(content));
    release(last);
    extents.removeLast();
    if (holder.get().offset() < block) {
      extents.add(holder.get().part(0, block));
    }
    extents.add(new Extent(block, fresh, 1, false));
  }
}
