package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U16;
import static io.calco.disk.qcow2.Qcow2Layout.U32;
import static io.calco.disk.qcow2.Qcow2Layout.U64;
import static io.calco.disk.qcow2.Qcow2Layout.U8;

import java.lang.foreign.MemorySegment;

/// Refcounts of one width within a refcount block. Below a byte, the lowest index lies in the least
/// significant bits.
final class RefcountWidth {
  private RefcountWidth() {}

  /// The refcount at `index`; one of 64 bits above `Long.MAX_VALUE` is answered as that.
  static long get(MemorySegment block, long index, int order) {
    return switch (order) {
      case 3 -> Byte.toUnsignedLong(block.get(U8, index));
      case 4 -> Short.toUnsignedLong(block.get(U16, index << 1));
      case 5 -> Integer.toUnsignedLong(block.get(U32, index << 2));
      case 6 -> {
        long count = block.get(U64, index << 3);
        yield count < 0 ? Long.MAX_VALUE : count;
      }
      default -> {
        int bits = 1 << order;
        int shift = (int) (index << order & 7);
        yield block.get(U8, index << order >>> 3) >>> shift & ((1 << bits) - 1);
      }
    };
  }

  /// Sets the refcount at `index`, which fits.
  static void set(MemorySegment block, long index, int order, long count) {
    switch (order) {
      case 3 -> block.set(U8, index, (byte) count);
      case 4 -> block.set(U16, index << 1, (short) count);
      case 5 -> block.set(U32, index << 2, (int) count);
      case 6 -> block.set(U64, index << 3, count);
      default -> {
        int mask = (1 << (1 << order)) - 1;
        int shift = (int) (index << order & 7);
        long at = index << order >>> 3;
        int others = block.get(U8, at) & ~(mask << shift);
        block.set(U8, at, (byte) (others | (int) count << shift));
      }
    }
  }
}
