package io.calco.fs.xfs;

import io.calco.disk.bytes.BigEndian;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Writes a group's b-tree from its records: leaves filled evenly, so that each holds at least half
/// of what fits, then the levels above.
final class GroupTreeStore {
  private final Volume volume;
  private final Geometry geometry;
  private final int group;
  private final GroupTree tree;

  GroupTreeStore(Volume volume, int group, GroupTree tree) {
    this.volume = volume;
    this.geometry = volume.geometry;
    this.group = group;
    this.tree = tree;
  }

  /// A stored tree.
  ///
  /// @param block the root's place in the group
  record Root(long block, int levels) {}

  /// Blocks that a tree of so many records takes.
  static long blocks(Geometry geometry, GroupTree tree, long records) {
    return ofLeaves(geometry, tree, leaves(geometry, tree, records));
  }

  /// Blocks of a tree with one leaf more than it needs.
  static long blocksOfMore(Geometry geometry, GroupTree tree, long records) {
    return ofLeaves(geometry, tree, leaves(geometry, tree, records) + 1);
  }

  private static long leaves(Geometry geometry, GroupTree tree, long records) {
    return Math.max(1, ceiling(records, tree.leafRecords(geometry)));
  }

  private static long ofLeaves(Geometry geometry, GroupTree tree, long leaves) {
    long total = leaves;
    for (long level = leaves; level > 1; ) {
      level = ceiling(level, tree.nodeRecords(geometry));
      total += level;
    }
    return total;
  }

  private static long ceiling(long a, long b) {
    return (a + b - 1) / b;
  }

  /// Stores the records in these blocks, all of which are used.
  Root store(List<byte[]> records, List<Long> blocks) {
    int leaves = (int) leaves(geometry, tree, records.size());
    if (ofLeaves(geometry, tree, leaves) != blocks.size()) {
      leaves++;
    }
    int used = 0;
    int level = 0;
    List<byte[]> below = records;
    int count = leaves;
    while (true) {
      List<Long> here = blocks.subList(used, used + count);
      below = level(level, below, here);
      used += count;
      level++;
      if (count == 1) {
        return new Root(here.getFirst(), level);
      }
      count = (int) ceiling(count, tree.nodeRecords(geometry));
    }
  }

  /// Stores one level.
  ///
  /// @return the level above: for each block its first key, and its place
  private List<byte[]> level(int level, List<byte[]> entries, List<Long> blocks) {
    List<byte[]> above = new ArrayList<>();
    int header = GroupTree.header(geometry);
    int most = level == 0 ? tree.leafRecords(geometry) : tree.nodeRecords(geometry);
    int from = 0;
    for (int i = 0; i < blocks.size(); i++) {
      int to = (int) ((long) entries.size() * (i + 1) / blocks.size());
      byte[] block = new byte[geometry.blockSize()];
      BigEndian.put32(block, 0, tree.magic(geometry));
      BigEndian.put16(block, 4, level);
      BigEndian.put16(block, 6, to - from);
      BigEndian.put32(block, 8, i == 0 ? GroupTree.NONE : blocks.get(i - 1));
      BigEndian.put32(block, 12, i + 1 == blocks.size() ? GroupTree.NONE : blocks.get(i + 1));
      for (int k = from; k < to; k++) {
        byte[] entry = entries.get(k);
        if (level == 0) {
          System.arraycopy(entry, 0, block, header + (k - from) * tree.recordSize(), entry.length);
        } else {
          int key = tree.keySize();
          System.arraycopy(entry, 0, block, header + (k - from) * key, key);
          System.arraycopy(entry, key, block, header + most * key + (k - from) * 4, 4);
        }
      }
      if (to > from) {
        byte[] up = Arrays.copyOf(entries.get(from), tree.keySize() + 4);
        BigEndian.put32(up, tree.keySize(), blocks.get(i));
        above.add(up);
      }
      long linear = geometry.linear(group, blocks.get(i));
      Metadata.SHORT_BTREE.claim(geometry, block, linear << geometry.blockBits, group);
      Metadata.SHORT_BTREE.seal(block, 0, block.length);
      volume.blocks.put(linear, block, new Blocks.Buffer(linear, 1, Buffers.BTREE));
      from = to;
    }
    return above;
  }
}
