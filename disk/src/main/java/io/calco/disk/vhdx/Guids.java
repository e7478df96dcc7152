package io.calco.disk.vhdx;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.UUID;

/// GUIDs as Windows lays them out: the first three fields little-endian.
final class Guids {
  static final int BYTES = 16;

  static final UUID NONE = new UUID(0, 0);

  private static final ValueLayout.OfLong BE_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private Guids() {}

  static UUID get(MemorySegment bytes, long at) {
    long first = Integer.toUnsignedLong(bytes.get(VhdxLayout.U32, at)) << 32;
    long second = Short.toUnsignedLong(bytes.get(VhdxLayout.U16, at + 4)) << 16;
    long third = Short.toUnsignedLong(bytes.get(VhdxLayout.U16, at + 6));
    return new UUID(first | second | third, bytes.get(BE_LONG, at + 8));
  }

  static void put(MemorySegment bytes, long at, UUID guid) {
    long high = guid.getMostSignificantBits();
    bytes.set(VhdxLayout.U32, at, (int) (high >>> 32));
    bytes.set(VhdxLayout.U16, at + 4, (short) (high >>> 16));
    bytes.set(VhdxLayout.U16, at + 6, (short) high);
    bytes.set(BE_LONG, at + 8, guid.getLeastSignificantBits());
  }

  /// As parent locators spell it: `{83ed58c2-…}`.
  static String text(UUID guid) {
    return "{" + guid + "}";
  }
}
