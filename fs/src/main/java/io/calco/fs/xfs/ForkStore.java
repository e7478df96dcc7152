package io.calco.fs.xfs;

import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Stores where an inode's data lies: in the inode while the list of extents fits there, else in a
/// b-tree written anew.
final class ForkStore {
  private static final int MAGIC = 0x424D4133;
  private static final int HEADER = 72;

  private final Volume volume;
  private final Inode inode;

  ForkStore(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
  }

  /// Stores the data fork's extents; the old tree's blocks are used for the new one. The caller
  /// stores the inode.
  ///
  /// @param old blocks of the b-tree that the fork had
  void store(List<Extent> unjoined, List<Long> old) throws IOException {
    List<Extent> extents = join(unjoined);
    int at = inode.coreSize();
    int size = inode.dataForkSize();
    List<Long> tree = new ArrayList<>(old);
    Arrays.fill(inode.raw(), at, at + size, (byte) 0);
    inode.putDataExtents(extents.size());
    int need = 0;
    if (extents.size() <= size / Extent.SIZE) {
      inode.putFormat(Inode.EXTENTS);
      for (int i = 0; i < extents.size(); i++) {
        extents.get(i).store(inode.raw(), at + i * Extent.SIZE);
      }
      resize(tree, 0);
    } else {
      inode.putFormat(Inode.BTREE);
      int most = (size - 4) / 16;
      List<Integer> levels = new ArrayList<>();
      int perBlock = (volume.geometry.blockSize() - HEADER) / Extent.SIZE;
      int count = (extents.size() + perBlock - 1) / perBlock;
      levels.add(count);
      while (count > most) {
        count = (count + perBlock - 1) / perBlock;
        levels.add(count);
      }
      need = levels.stream().mapToInt(Integer::intValue).sum();
      resize(tree, need);
      storeTree(extents, levels, tree, most);
    }
    inode.putBlocks(inode.blocks() + need - old.size());
  }

  /// Makes one of extents that lie one after the other in the file and on the disk.
  static List<Extent> join(List<Extent> extents) {
    List<Extent> joined = new ArrayList<>();
    for (Extent extent : extents) {
      Extent last = joined.isEmpty() ? null : joined.getLast();
      if (last != null
          && last.end() == extent.offset()
          && last.start() + last.count() == extent.start()
          && last.unwritten() == extent.unwritten()
          && last.count() + extent.count() <= Extent.MAX_COUNT) {
        joined.removeLast();
        joined.add(
            new Extent(
                last.offset(), last.start(), last.count() + extent.count(), last.unwritten()));
      } else {
        joined.add(extent);
      }
    }
    return joined;
  }

  private void resize(List<Long> tree, int need) throws IOException {
    int near = volume.geometry.groupOfInode(inode.number());
    while (tree.size() > need) {
      volume.space.release(tree.removeLast(), 1);
    }
    while (tree.size() < need) {
      tree.add(volume.space.takeRun(near, 1, 1));
    }
  }

  private void storeTree(List<Extent> extents, List<Integer> levels, List<Long> tree, int most) {
    List<byte[]> below = new ArrayList<>();
    for (Extent extent : extents) {
      byte[] record = new byte[Extent.SIZE];
      extent.store(record, 0);
      below.add(record);
    }
    int used = 0;
    for (int level = 0; level < levels.size(); level++) {
      List<Long> here = tree.subList(used, used + levels.get(level));
      below = storeLevel(level, below, here);
      used += levels.get(level);
    }
    byte[] raw = inode.raw();
    int at = inode.coreSize();
    BigEndian.put16(raw, at, levels.size());
    BigEndian.put16(raw, at + 2, below.size());
    for (int i = 0; i < below.size(); i++) {
      System.arraycopy(below.get(i), 0, raw, at + 4 + i * 8, 8);
      System.arraycopy(below.get(i), 8, raw, at + 4 + most * 8 + i * 8, 8);
    }
  }

  /// Stores one level of the tree.
  ///
  /// @return for each block its first key, and its place
  private List<byte[]> storeLevel(int level, List<byte[]> entries, List<Long> blocks) {
    Geometry geometry = volume.geometry;
    List<byte[]> above = new ArrayList<>();
    int most = (geometry.blockSize() - HEADER) / 16;
    int from = 0;
    for (int i = 0; i < blocks.size(); i++) {
      int to = (int) ((long) entries.size() * (i + 1) / blocks.size());
      byte[] block = new byte[geometry.blockSize()];
      BigEndian.put32(block, 0, MAGIC);
      BigEndian.put16(block, 4, level);
      BigEndian.put16(block, 6, to - from);
      BigEndian.put64(block, 8, i == 0 ? -1 : blocks.get(i - 1));
      BigEndian.put64(block, 16, i + 1 == blocks.size() ? -1 : blocks.get(i + 1));
      for (int k = from; k < to; k++) {
        byte[] entry = entries.get(k);
        if (level == 0) {
          System.arraycopy(entry, 0, block, HEADER + (k - from) * Extent.SIZE, Extent.SIZE);
        } else {
          System.arraycopy(entry, 0, block, HEADER + (k - from) * 8, 8);
          System.arraycopy(entry, 8, block, HEADER + most * 8 + (k - from) * 8, 8);
        }
      }
      byte[] up = new byte[16];
      byte[] first = entries.get(from);
      BigEndian.put64(
          up, 0, level == 0 ? Extent.parse(first, 0).offset() : BigEndian.s64(first, 0));
      BigEndian.put64(up, 8, blocks.get(i));
      above.add(up);
      long linear = geometry.linear(blocks.get(i));
      Metadata.LONG_BTREE.claim(geometry, block, linear << geometry.blockBits, inode.number());
      Metadata.LONG_BTREE.seal(block, 0, block.length);
      volume.blocks.put(linear, block, new Blocks.Buffer(linear, 1, Buffers.BTREE));
      from = to;
    }
    return above;
  }
}
