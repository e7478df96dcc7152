package io.calco.fs.btrfs;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// Unpacks LZO1X. Read: `Documentation/staging/lzo.rst` of the kernel, version 0 of the stream.
final class Lzo {
  /// What the instruction before copied of literals, where it was four or more.
  private static final int MANY_LITERALS = 4;

  private final byte[] in;
  private final int end;
  private final byte[] out;
  private final int outStart;
  private int at;
  private int done;

  private Lzo(byte[] in, int at, int end, byte[] out, int outStart) {
    this.in = in;
    this.at = at;
    this.end = end;
    this.out = out;
    this.outStart = outStart;
    this.done = outStart;
  }

  /// Unpacks the bytes of `in` from `at` up to `end` into `out` from `outStart` on.
  ///
  /// @return bytes unpacked
  /// @throws IOException when that is no LZO stream, or is more than fits
  static int unpack(byte[] in, int at, int end, byte[] out, int outStart) throws IOException {
    Lzo lzo = new Lzo(in, at, end, out, outStart);
    try {
      lzo.run();
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("lzo data reaches beyond its bounds", e);
    }
    return lzo.done - outStart;
  }

  private void run() throws IOException {
    int state = 0;
    int first = next();
    if (first > 17) {
      literals(first - 17);
      state = Math.min(first - 17, MANY_LITERALS);
      first = next();
    }
    for (int code = first; ; code = next()) {
      if (code >= 16) {
        state = match(code);
        if (state < 0) {
          return;
        }
      } else if (state == 0) {
        literals(3 + (code == 0 ? longLength(15) : code));
        state = MANY_LITERALS;
        continue;
      } else {
        int far = state == MANY_LITERALS ? 2049 : 1;
        copy((next() << 2) + (code >> 2) + far, state == MANY_LITERALS ? 3 : 2);
        state = code & 3;
      }
      literals(state);
    }
  }

  /// Copies from what was unpacked before.
  ///
  /// @return how many literals follow; −1 at the end of the stream
  private int match(int code) throws IOException {
    if (code >= 64) {
      int length = code >= 128 ? 5 + (code >> 5 & 3) : 3 + (code >> 5 & 1);
      copy((next() << 3) + (code >> 2 & 7) + 1, length);
      return code & 3;
    }
    int mask = code >= 32 ? 31 : 7;
    int length = 2 + ((code & mask) == 0 ? longLength(mask) : code & mask);
    int operand = next() | next() << 8;
    int distance = operand >> 2;
    if (code >= 32) {
      copy(distance + 1, length);
    } else {
      distance += (code & 8) << 11;
      if (distance == 0) {
        return -1;
      }
      copy(distance + (1 << 14), length);
    }
    return operand & 3;
  }

  private int longLength(int base) throws IOException {
    int length = base;
    int more = next();
    while (more == 0) {
      length += 255;
      more = next();
    }
    return length + more;
  }

  private int next() throws IOException {
    if (at >= end) {
      throw new IOException("lzo data ends early");
    }
    return in[at++] & 0xFF;
  }

  private void literals(int length) throws IOException {
    if (length > end - at) {
      throw new IOException("lzo data ends early");
    }
    System.arraycopy(in, at, out, done, length);
    at += length;
    done += length;
  }

  private void copy(int distance, int length) throws IOException {
    int from = done - distance;
    if (from < outStart) {
      throw new IOException("lzo data refers to bytes before its first");
    }
    if (distance >= length) {
      System.arraycopy(out, from, out, done, length);
      done += length;
    } else {
      for (int i = 0; i < length; i++) {
        out[done++] = out[from + i];
      }
    }
  }

  /// Unpacks what btrfs makes of it: the length of all, then pieces that each have their own length
  /// and unpack to a sector. No length stands across a sector's end.
  ///
  /// @param in all of it
  /// @param out as many bytes as it stands for; what is not written stays
  static void unpackPieces(byte[] in, byte[] out, int sector) throws IOException {
    long total = in.length < 4 ? 0 : LittleEndian.u32(in, 0);
    if (total < 4 || total > in.length) {
      throw new IOException("lzo data of %d bytes says it has %d".formatted(in.length, total));
    }
    int at = 4;
    int done = 0;
    while (at < total && done < out.length) {
      if (sector - at % sector < 4) {
        at += sector - at % sector;
      }
      long length = total - at < 4 ? total : LittleEndian.u32(in, at);
      if (length > total - at - 4) {
        throw new IOException("an lzo piece reaches beyond the data");
      }
      byte[] piece = new byte[sector];
      int unpacked = unpack(in, at + 4, at + 4 + (int) length, piece, 0);
      System.arraycopy(piece, 0, out, done, Math.min(unpacked, out.length - done));
      done += unpacked;
      at += 4 + (int) length;
    }
  }
}
