package io.calco.disk.dmg;

import java.io.IOException;

/// LZVN, the small brother of LZFSE: opcodes of one to three bytes, each for a few literals and a
/// match. Confined.
final class Lzvn {
  private static final int EOS = 0x06;

  private final byte[] in;
  private final int end;
  private int from;
  private int distance;

  private Lzvn(byte[] in, int from, int length) {
    this.in = in;
    this.from = from;
    this.end = from + length;
  }

  /// Unpacks the whole payload.
  static void unpack(byte[] in, int from, int length, LzOutput out) throws IOException {
    Lzvn stream = new Lzvn(in, from, length);
    while (true) {
      int opcode = stream.next();
      if (opcode == EOS) {
        return;
      }
      stream.step(opcode, out);
    }
  }

  private void step(int opcode, LzOutput out) throws IOException {
    switch (opcode >> 4) {
      case 0xe -> literals((opcode & 0xf) == 0 ? next() + 16 : opcode & 0xf, out);
      case 0xf -> out.match(distance, (opcode & 0xf) == 0 ? next() + 16 : opcode & 0xf);
      case 0xa, 0xb -> {
        int low = next();
        distance = low >> 2 | next() << 6;
        literals(opcode >> 3 & 3, out);
        out.match(distance, ((opcode & 7) << 2 | low & 3) + 3);
      }
      case 0x7, 0xd -> throw undefined(opcode);
      default -> {
        switch (opcode & 7) {
          case 6 -> {
            if (opcode < 0x40) {
              if (opcode != 0x0e && opcode != 0x16) {
                throw undefined(opcode);
              }
              return;
            }
          }
          case 7 -> {
            int low = next();
            distance = low | next() << 8;
          }
          default -> distance = (opcode & 7) << 8 | next();
        }
        literals(opcode >> 6, out);
        out.match(distance, (opcode >> 3 & 7) + 3);
      }
    }
  }

  private void literals(int length, LzOutput out) throws IOException {
    if (length > end - from) {
      throw new IOException("LZVN data ends too early");
    }
    out.literals(in, from, length);
    from += length;
  }

  private int next() throws IOException {
    if (from >= end) {
      throw new IOException("LZVN data ends too early");
    }
    return Byte.toUnsignedInt(in[from++]);
  }

  private static IOException undefined(int opcode) {
    return new IOException("LZVN has no opcode 0x%x".formatted(opcode));
  }
}
