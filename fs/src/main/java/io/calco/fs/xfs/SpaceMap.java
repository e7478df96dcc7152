package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.FileSystem;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// Which blocks are in use: all but those in the groups' b-trees of free space.
final class SpaceMap {
  /// Takes runs of blocks.
  @FunctionalInterface
  interface Runs {
    void accept(long start, long count) throws IOException;
  }

  private static final int AGFL_HEADER = 36;

  private SpaceMap() {}

  /// Calls `run` for every free run of a group, ascending: those of the b-tree, and the blocks that
  /// the group keeps ready for its b-trees.
  static void free(Volume volume, int group, Runs run) throws IOException {
    byte[] agf = GroupHeader.agf(volume, group);
    long[] ready = ready(volume, group, agf);
    long[] next = {0};
    int[] at = {0};
    tree(
        volume,
        group,
        agf,
        (start, count) -> {
          while (at[0] < ready.length && ready[at[0]] < start) {
            next[0] = after(group, next[0], ready[at[0]], 1);
            run.accept(ready[at[0]++], 1);
          }
          next[0] = after(group, next[0], start, count);
          run.accept(start, count);
        });
    while (at[0] < ready.length) {
      next[0] = after(group, next[0], ready[at[0]], 1);
      run.accept(ready[at[0]++], 1);
    }
  }

  private static long after(int group, long next, long start, long count)
      throws CorruptImageException {
    if (start < next) {
      throw GroupTree.FREE_BY_PLACE.corrupt(
          group, count + " free blocks at " + start, "a run from " + next + " on");
    }
    return start + count;
  }

  /// Calls `run` for every record of the b-tree of free space.
  static List<Long> tree(Volume volume, int group, byte[] agf, Runs run) throws IOException {
    return GroupTree.FREE_BY_PLACE.read(
        volume,
        group,
        BigEndian.u32(agf, GroupHeader.AGF_BNO_ROOT),
        BigEndian.u32(agf, GroupHeader.AGF_BNO_LEVEL),
        (block, at) -> {
          long start = BigEndian.u32(block, at);
          long count = BigEndian.u32(block, at + 4);
          if (count < 1 || count > volume.geometry.groupLength(group) - start) {
            throw GroupTree.FREE_BY_PLACE.corrupt(
                group, count + " free blocks at " + start, "a run in the group");
          }
          run.accept(start, count);
        });
  }

  /// The blocks that a group keeps ready for its b-trees (AGFL), ascending.
  private static long[] ready(Volume volume, int group, byte[] agf) throws IOException {
    Geometry geometry = volume.geometry;
    byte[] list = volume.groupHeader(group, 3);
    long offset = volume.groupHeaderOffset(group, 3);
    Metadata.AGFL.verify(geometry, list, 0, list.length, offset, Metadata.ANY);
    int header = geometry.features.v5() ? AGFL_HEADER : 0;
    int size = (list.length - header) / 4;
    long first = BigEndian.u32(agf, GroupHeader.AGF_LIST_FIRST);
    long count = BigEndian.u32(agf, GroupHeader.AGF_LIST_COUNT);
    if (count > size || count > 0 && first >= size) {
      throw Metadata.AGFL.corrupt(offset, count + " blocks from " + first, "at most " + size);
    }
    long[] blocks = new long[(int) count];
    for (int i = 0; i < count; i++) {
      blocks[i] = BigEndian.u32(list, header + (int) ((first + i) % size) * 4);
      if (blocks[i] >= geometry.groupLength(group)) {
        throw Metadata.AGFL.corrupt(offset, "block " + blocks[i], "one of the group");
      }
    }
    Arrays.sort(blocks);
    return blocks;
  }

  /// Calls `consumer` for every run in use, in bytes, ascending and merged.
  static void used(Volume volume, FileSystem.RunConsumer consumer) throws IOException {
    Geometry geometry = volume.geometry;
    long[] from = {0};
    for (int group = 0; group < geometry.groups; group++) {
      long base = geometry.linear(group, 0);
      free(
          volume,
          group,
          (start, count) -> {
            emit(consumer, geometry.blockBits, from[0], base + start);
            from[0] = base + start + count;
          });
    }
    emit(consumer, geometry.blockBits, from[0], geometry.blocks);
  }

  private static void emit(FileSystem.RunConsumer consumer, int bits, long from, long to)
      throws IOException {
    if (to > from) {
      consumer.accept(from << bits, (to - from) << bits);
    }
  }
}
