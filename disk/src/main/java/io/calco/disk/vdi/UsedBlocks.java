package io.calco.disk.vdi;

import io.calco.disk.CorruptImageException;
import io.calco.disk.EntryTable;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.util.BitSet;

/// Which places for blocks in the file the table uses. Confined.
final class UsedBlocks {
  private final BitSet used = new BitSet();
  private int count;

  /// Reads the whole table.
  ///
  /// @throws CorruptImageException when a writer would harm what is there: a place that two entries
  ///   use, or that lies outside
  static UsedBlocks of(HostFile file, VdiMap map) throws IOException {
    EntryTable table = map.table();
    VdiHeader header = map.header();
    checkCount(file, table.count());
    UsedBlocks blocks = new UsedBlocks();
    for (long block = 0; block < table.count(); block++) {
      int entry = table.get(block);
      if (!VdiLayout.isBlock(entry)) {
        block += table.run(block, table.count(), 0) - 1;
      } else if (!canBe(entry)
          || header.hostOffset(entry) + header.present(block) > map.fileEnd()
          || !blocks.add(entry)) {
        throw CorruptImageException.at(
            file.name(),
            "entry %d of the block map".formatted(block),
            table.hostOffset() + 4 * block,
            "place %d".formatted(Integer.toUnsignedLong(entry)),
            "one inside the file that no other entry uses");
      }
    }
    return blocks;
  }

  /// Refuses a table of more entries than are looked at as a whole.
  static void checkCount(HostFile file, long blocks) throws LimitExceededException {
    if (blocks > VdiLayout.BLOCKS_HELD_MAX) {
      throw new LimitExceededException(
          "%s: VDIs of more than %d blocks are neither written nor verified (our limit)"
              .formatted(file.name(), VdiLayout.BLOCKS_HELD_MAX));
    }
  }

  /// True when an entry can be a block's place at all. While a table is moved to where it has room
  /// a place may be beyond the number of the disk's blocks.
  static boolean canBe(int entry) {
    return entry >= 0 && entry < 2 * VdiLayout.BLOCKS_HELD_MAX;
  }

  private boolean add(int entry) {
    if (used.get(entry)) {
      return false;
    }
    take(entry, 1);
    return true;
  }

  /// Blocks in use.
  int count() {
    return count;
  }

  /// The place after the last one in use.
  int end() {
    return used.length();
  }

  /// The first place that is free.
  int firstFree() {
    return used.nextClearBit(0);
  }

  /// How many places from a free one on are free.
  int freeFrom(int place, int most) {
    int next = used.nextSetBit(place);
    return next < 0 ? most : Math.min(most, next - place);
  }

  void take(int place, int blocks) {
    used.set(place, place + blocks);
    count += blocks;
  }

  void giveBack(int place, int blocks) {
    used.clear(place, place + blocks);
    count -= blocks;
  }
}
