package io.calco.disk.partclone;

import java.io.IOException;
import java.util.Arrays;

/// Which blocks of the device are in the image. The `k`th used block, counted from 0, is the one
/// before which there are `k` others.
///
/// Thread rule: safe.
sealed interface BlockMap {

  /// Used blocks in all.
  long used();

  /// Used blocks before this one.
  ///
  /// @param block 0 to the number of all blocks
  long rank(long block) throws IOException;

  /// The place of the `k`th used block.
  ///
  /// @param k 0 and up, less than [#used]
  long select(long k) throws IOException;

  /// True when the block is in the image.
  boolean contains(long block) throws IOException;

  /// The first block after `block` that is not as it is, at most `limit`.
  ///
  /// @param limit after `block`, at most the number of all blocks
  long runEnd(long block, long limit) throws IOException;

  /// All blocks are there.
  ///
  /// @param used how many
  record All(long used) implements BlockMap {
    @Override
    public long rank(long block) {
      return block;
    }

    @Override
    public long select(long k) {
      return k;
    }

    @Override
    public boolean contains(long block) {
      return true;
    }

    @Override
    public long runEnd(long block, long limit) {
      return limit;
    }
  }

  /// A bit for each block, counted in slices: a question is answered from the counts, and one slice
  /// where a slice has both used and unused blocks.
  final class Indexed implements BlockMap {
    private final long blocks;
    private final MapSlices slices;

    /// Used blocks before each slice; one more than there are slices.
    private final long[] before;

    Indexed(long blocks, MapSlices slices, long[] before) {
      this.blocks = blocks;
      this.slices = slices;
      this.before = before;
    }

    private static int sliceOf(long block) {
      return Math.toIntExact(block / MapSlices.BLOCKS);
    }

    private static long startOf(int slice) {
      return (long) slice * MapSlices.BLOCKS;
    }

    private long endOf(int slice) {
      return Math.min(startOf(slice) + MapSlices.BLOCKS, blocks);
    }

    private boolean none(int slice) {
      return before[slice] == before[slice + 1];
    }

    private boolean all(int slice) {
      return before[slice + 1] - before[slice] == endOf(slice) - startOf(slice);
    }

    @Override
    public long used() {
      return before[before.length - 1];
    }

    @Override
    public long rank(long block) throws IOException {
      if (block == blocks) {
        return used();
      }
      int slice = sliceOf(block);
      int within = (int) (block - startOf(slice));
      if (within == 0 || none(slice)) {
        return before[slice];
      }
      if (all(slice)) {
        return before[slice] + within;
      }
      long[] words = slices.get(slice);
      long count = before[slice];
      for (int i = 0; i < within / Long.SIZE; i++) {
        count += Long.bitCount(words[i]);
      }
      int rest = within % Long.SIZE;
      return rest == 0
          ? count
          : count + Long.bitCount(words[within / Long.SIZE] << (Long.SIZE - rest));
    }

    @Override
    public long select(long k) throws IOException {
      // Of slices before which there are as many, only the last has any itself.
      int slice = Arrays.binarySearch(before, k);
      slice = slice < 0 ? -slice - 2 : slice;
      while (none(slice)) {
        slice++;
      }
      long rest = k - before[slice];
      if (all(slice)) {
        return startOf(slice) + rest;
      }
      long[] words = slices.get(slice);
      int i = 0;
      while (rest >= Long.bitCount(words[i])) {
        rest -= Long.bitCount(words[i++]);
      }
      long word = words[i];
      for (; rest > 0; rest--) {
        word &= word - 1;
      }
      return startOf(slice) + (long) i * Long.SIZE + Long.numberOfTrailingZeros(word);
    }

    @Override
    public boolean contains(long block) throws IOException {
      int slice = sliceOf(block);
      if (none(slice) || all(slice)) {
        return !none(slice);
      }
      int within = (int) (block - startOf(slice));
      return (slices.get(slice)[within / Long.SIZE] >>> within & 1) != 0;
    }

    @Override
    public long runEnd(long block, long limit) throws IOException {
      boolean used = contains(block);
      long at = block;
      while (at < limit) {
        int slice = sliceOf(at);
        long end = Math.min(endOf(slice), limit);
        if (used ? none(slice) : all(slice)) {
          return at;
        }
        if (used ? all(slice) : none(slice)) {
          at = end;
          continue;
        }
        long found = startOf(slice) + firstOther(slices.get(slice), used, at - startOf(slice));
        if (found < end) {
          return found;
        }
        at = end;
      }
      return limit;
    }

    /// The first bit from `from` on that is not `used`, or the number of bits in a slice.
    private static int firstOther(long[] words, boolean used, long from) {
      int at = (int) from;
      while (at < MapSlices.BLOCKS) {
        long word = words[at / Long.SIZE];
        long others = (used ? ~word : word) >>> at;
        if (others != 0) {
          return at + Long.numberOfTrailingZeros(others);
        }
        at = (at / Long.SIZE + 1) * Long.SIZE;
      }
      return MapSlices.BLOCKS;
    }
  }
}
