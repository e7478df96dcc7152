package io.calco.disk.wrap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/// bzip2's CRC-32: that of gzip, but with the highest bit of each byte first. With the bits of all
/// bytes turned around it is the JDK's, turned around, which the processor helps with.
final class Bzip2Crc {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int PIECE = 16 << 10;

  private final CRC32 turnedCrc = new CRC32();
  private final byte[] turned = new byte[PIECE];

  /// Takes `bytes[from, to)`.
  void update(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at += PIECE) {
      int length = Math.min(PIECE, to - at);
      turn(bytes, at, length, turned);
      turnedCrc.update(turned, 0, length);
    }
  }

  /// The CRC of all bytes so far.
  int value() {
    return Integer.reverse((int) turnedCrc.getValue());
  }

  private static void turn(byte[] bytes, int from, int length, byte[] turned) {
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      long word = (long) LONGS.get(bytes, from + i);
      LONGS.set(turned, i, Long.reverseBytes(Long.reverse(word)));
    }
    for (; i < length; i++) {
      turned[i] = (byte) (Integer.reverse(bytes[from + i]) >>> 24);
    }
  }
}
