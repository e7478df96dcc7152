package io.calco.disk.partclone;

import io.calco.disk.DataUnits;
import io.calco.disk.LaidOutFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/// The bitmap of used blocks, made as it is read. Thread rule: safe.
final class BitmapBytes implements LaidOutFile.Generator {
  private static final int PIECE = 1 << 20;

  private final DataUnits used;
  private final long blocks;
  private final ReentrantLock counting = new ReentrantLock();

  /// Its CRC, once it was asked for.
  private java.util.OptionalInt crc = java.util.OptionalInt.empty();

  /// @param blocks bits in it
  BitmapBytes(DataUnits used, long blocks) {
    this.used = used;
    this.blocks = blocks;
  }

  long length() {
    return Math.ceilDiv(blocks, Byte.SIZE);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    dst.fill((byte) 0);
    long firstBlock = offset * Byte.SIZE;
    long first = used.countBefore(firstBlock);
    long count = used.countBefore(firstBlock + dst.byteSize() * Byte.SIZE) - first;
    used.forEachRun(first, count, (block, length, ordinal) -> set(dst, block - firstBlock, length));
  }

  private static void set(MemorySegment dst, long from, long length) {
    long end = from + length;
    long wholeFrom = Math.ceilDiv(from, Byte.SIZE);
    long wholeEnd = end / Byte.SIZE;
    if (wholeFrom > wholeEnd) {
      or(dst, wholeEnd, from, end);
      return;
    }
    or(dst, from / Byte.SIZE, from, wholeFrom * Byte.SIZE);
    dst.asSlice(wholeFrom, wholeEnd - wholeFrom).fill((byte) -1);
    or(dst, wholeEnd, wholeEnd * Byte.SIZE, end);
  }

  /// Sets bits of one byte.
  private static void or(MemorySegment dst, long at, long from, long end) {
    if (from < end) {
      int first = (int) (from - at * Byte.SIZE);
      int last = (int) (end - at * Byte.SIZE);
      int bits = (1 << last) - (1 << first);
      dst.set(PartcloneLayout.U8, at, (byte) (dst.get(PartcloneLayout.U8, at) | bits));
    }
  }

  /// Bytes of its CRC.
  void readCrc(long offset, MemorySegment dst) throws IOException {
    MemorySegment value = MemorySegment.ofArray(new byte[Integer.BYTES]);
    value.set(PartcloneLayout.U32, 0, crc());
    MemorySegment.copy(value, offset, dst, 0, dst.byteSize());
  }

  private int crc() throws IOException {
    counting.lock();
    try {
      if (crc.isEmpty()) {
        StripSum.Crc sum = new StripSum.Crc();
        MemorySegment piece = MemorySegment.ofArray(new byte[(int) Math.min(PIECE, length())]);
        for (long at = 0; at < length(); at += piece.byteSize()) {
          MemorySegment bytes = piece.asSlice(0, Math.min(piece.byteSize(), length() - at));
          read(at, bytes);
          sum.update(bytes);
        }
        crc = java.util.OptionalInt.of(sum.value());
      }
      return crc.getAsInt();
    } finally {
      counting.unlock();
    }
  }
}
