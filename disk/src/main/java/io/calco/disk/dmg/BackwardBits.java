package io.calco.disk.dmg;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Bits that were written one after the other and are read from the last to the first. Confined.
final class BackwardBits {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private final long start;
  private long at;

  /// @param from first byte
  /// @param length how many bytes there are
  /// @param unused bits of the last byte that hold nothing, 0 to 7
  BackwardBits(byte[] bytes, int from, int length, int unused) throws IOException {
    this.bytes = bytes;
    this.start = 8L * from;
    this.at = 8L * (from + length) - unused;
    if (at < start) {
      throw new IOException("LZFSE data ends too early");
    }
  }

  /// The next bits, at most 32.
  int take(int count) throws IOException {
    at -= count;
    if (at < start) {
      throw new IOException("LZFSE data ends too early");
    }
    int index = (int) (at >>> 3);
    long word;
    if (index + Long.BYTES <= bytes.length) {
      word = (long) LONG.get(bytes, index);
    } else {
      word = 0;
      for (int i = 0; index + i < bytes.length; i++) {
        word |= (long) Byte.toUnsignedInt(bytes[index + i]) << 8 * i;
      }
    }
    return (int) (word >>> (at & 7) & (1L << count) - 1);
  }
}
