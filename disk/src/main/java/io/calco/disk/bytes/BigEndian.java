package io.calco.disk.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Big-endian fields in an array. The offset may be any; a field that does not lie in the array is
/// an [IndexOutOfBoundsException].
public final class BigEndian {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private BigEndian() {}

  /// The byte, 0–255.
  public static int u8(byte[] bytes, int at) {
    return bytes[at] & 0xFF;
  }

  /// Two bytes, unsigned.
  public static int u16(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at) & 0xFFFF;
  }

  /// Four bytes, signed.
  public static int s32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  /// Four bytes, unsigned.
  public static long u32(byte[] bytes, int at) {
    return Integer.toUnsignedLong(s32(bytes, at));
  }

  /// Eight bytes, signed.
  public static long s64(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  /// Stores the low 8 bits.
  public static void put8(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
  }

  /// Stores the low 16 bits.
  public static void put16(byte[] bytes, int at, int value) {
    SHORT.set(bytes, at, (short) value);
  }

  /// Stores the low 32 bits.
  public static void put32(byte[] bytes, int at, long value) {
    INT.set(bytes, at, (int) value);
  }

  /// Stores all 64 bits.
  public static void put64(byte[] bytes, int at, long value) {
    LONG.set(bytes, at, value);
  }
}
