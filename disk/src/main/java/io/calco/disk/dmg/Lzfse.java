package io.calco.disk.dmg;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// LZFSE, Apple's compression of 2015: blocks that are stored, packed with LZVN, or packed with
/// finite-state entropy codes, up to an end mark. All numbers are little-endian.
final class Lzfse {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /// "bvx$", "bvx-", "bvxn", "bvx2".
  private static final int END = 0x24787662;

  private static final int STORED = 0x2d787662;
  private static final int LZVN = 0x6e787662;
  private static final int PACKED = 0x32787662;

  private static final int STORED_HEADER = 8;
  private static final int LZVN_HEADER = 12;

  private Lzfse() {}

  /// Fills `bytes`, which the stream must do exactly.
  static void unpack(byte[] in, byte[] bytes) throws IOException {
    LzOutput out = new LzOutput(bytes);
    int at = 0;
    while (u32(in, at) != END) {
      int before = out.length();
      int magic = u32(in, at);
      long raw = Integer.toUnsignedLong(u32(in, at + 4));
      at =
          switch (magic) {
            case STORED -> {
              check(raw <= in.length - at - STORED_HEADER);
              out.literals(in, at + STORED_HEADER, (int) raw);
              yield at + STORED_HEADER + (int) raw;
            }
            case LZVN -> {
              long payload = Integer.toUnsignedLong(u32(in, at + 8));
              check(payload <= in.length - at - LZVN_HEADER);
              Lzvn.unpack(in, at + LZVN_HEADER, (int) payload, out);
              yield at + LZVN_HEADER + (int) payload;
            }
            case PACKED -> new LzfseBlock(in, at).unpack(out);
            default -> throw new IOException("LZFSE has no block 0x%08x".formatted(magic));
          };
      if (out.length() - before != raw) {
        throw new IOException(
            "an LZFSE block of %d bytes, expected %d".formatted(out.length() - before, raw));
      }
    }
    if (!out.isFull()) {
      throw new IOException(
          "LZFSE data ends after %d bytes, expected %d".formatted(out.length(), bytes.length));
    }
  }

  static int u32(byte[] in, int at) throws IOException {
    check(at <= in.length - Integer.BYTES);
    return (int) INT.get(in, at);
  }

  static long u64(byte[] in, int at) throws IOException {
    check(at <= in.length - Long.BYTES);
    return (long) LONG.get(in, at);
  }

  private static void check(boolean holds) throws IOException {
    if (!holds) {
      throw new IOException("LZFSE data ends too early");
    }
  }
}
