package io.calco.disk.vhdx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The block allocation table (MS-VHDX 2.5). Thread rule: as [MetadataPages].
///
/// @param offset where it lies in the file
/// @param blocks payload blocks of the disk
/// @param chunkRatio payload blocks between two entries of sector bitmap blocks
record BlockTable(MetadataPages pages, long offset, long blocks, int chunkRatio) {
  static final int NOT_PRESENT = 0;
  static final int UNDEFINED = 1;
  static final int ZERO = 2;
  static final int UNMAPPED = 3;

  /// What earlier versions of the specification called unmapped.
  static final int UNMAPPED_095 = 5;

  static final int PRESENT = 6;
  static final int PARTIAL = 7;

  private static final int OFFSET_SHIFT = 20;

  private long placeOfBlock(long block) {
    return offset + 8 * (block + block / chunkRatio);
  }

  private long placeOfBitmap(long block) {
    return offset + 8 * ((block / chunkRatio + 1) * (chunkRatio + 1L) - 1);
  }

  long block(long block) throws IOException {
    return pages.longAt(placeOfBlock(block));
  }

  /// The entry of the sector bitmap that speaks of a payload block.
  long bitmap(long block) throws IOException {
    return pages.longAt(placeOfBitmap(block));
  }

  /// The sector bitmap block of a block and its chunk is no more.
  void clearBitmap(long block) throws IOException {
    pages.setLong(placeOfBitmap(block), 0);
  }

  void setBlock(long block, int state, long host) throws IOException {
    pages.setLong(placeOfBlock(block), entry(state, host));
  }

  void setBitmap(long block, long host) throws IOException {
    pages.setLong(placeOfBitmap(block), entry(PRESENT, host));
  }

  /// How many blocks from `block` on have entries that go on from its own: each is the last one's
  /// plus `step`.
  ///
  /// @param most blocks to look at, at least 1; within the disk
  /// @param step 0 for entries that are the same, the block size for blocks side by side
  long run(long block, long most, long step) throws IOException {
    long expected = block(block) + step;
    long at = block + 1;
    long end = block + most;
    while (at < end) {
      long place = placeOfBlock(at);
      long inPage = (VhdxLayout.PAGE - place % VhdxLayout.PAGE) / 8;
      long inChunk = chunkRatio - at % chunkRatio;
      long stop = Math.min(end, at + Math.min(inPage, inChunk));
      MemorySegment page = pages.page(place);
      for (long i = place % VhdxLayout.PAGE; at < stop; i += 8) {
        if (page.get(VhdxLayout.U64, i) != expected) {
          return at - block;
        }
        expected += step;
        at++;
      }
    }
    return most;
  }

  static long entry(int state, long host) {
    return host >>> OFFSET_SHIFT << OFFSET_SHIFT | state;
  }

  /// True when nothing in the file stands for the block.
  static boolean isAbsent(long entry) {
    return switch (state(entry)) {
      case NOT_PRESENT, UNDEFINED, ZERO, UNMAPPED, UNMAPPED_095 -> true;
      default -> false;
    };
  }

  static int state(long entry) {
    return (int) (entry & 7);
  }

  /// Where an entry's block lies in the file, in bytes; up to 2^64.
  static long host(long entry) {
    return entry >>> OFFSET_SHIFT << OFFSET_SHIFT;
  }
}
