package io.calco.disk.partclone;

import java.lang.foreign.MemorySegment;

/// Version 1's checksum of a block: its first byte, as often as the block has bytes.
final class FirstBytes {
  private static final int PIECE = 4096;

  private FirstBytes() {}

  /// Takes one block.
  static void update(StripSum crc, byte first, int blockSize) {
    MemorySegment piece = MemorySegment.ofArray(new byte[Math.min(PIECE, blockSize)]).fill(first);
    for (int rest = blockSize; rest > 0; rest -= PIECE) {
      crc.update(piece.asSlice(0, Math.min(rest, PIECE)));
    }
  }
}
