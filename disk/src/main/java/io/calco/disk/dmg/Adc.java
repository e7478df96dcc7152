package io.calco.disk.dmg;

import java.io.IOException;

/// Apple Data Compression: runs of literals, and matches with an offset of 10 or 16 bits.
final class Adc {
  private Adc() {}

  /// Fills `out`; what follows in `in` is left.
  static void unpack(byte[] in, byte[] out) throws IOException {
    int from = 0;
    int to = 0;
    while (to < out.length) {
      int code = byteAt(in, from++);
      if ((code & 0x80) != 0) {
        int length = (code & 0x7f) + 1;
        if (length > in.length - from || length > out.length - to) {
          throw new IOException("an ADC run of %d bytes does not fit".formatted(length));
        }
        System.arraycopy(in, from, out, to, length);
        from += length;
        to += length;
        continue;
      }
      int length;
      int distance;
      if ((code & 0x40) != 0) {
        length = (code & 0x3f) + 4;
        distance = (byteAt(in, from) << 8 | byteAt(in, from + 1)) + 1;
        from += 2;
      } else {
        length = (code >> 2) + 3;
        distance = ((code & 3) << 8 | byteAt(in, from)) + 1;
        from += 1;
      }
      if (distance > to || length > out.length - to) {
        throw new IOException(
            "an ADC match of %d bytes, %d back, does not fit".formatted(length, distance));
      }
      for (int end = to + length; to < end; to++) {
        out[to] = out[to - distance];
      }
    }
  }

  private static int byteAt(byte[] in, int at) throws IOException {
    if (at >= in.length) {
      throw new IOException("ADC data ends too early");
    }
    return Byte.toUnsignedInt(in[at]);
  }
}
