package io.calco.disk.wrap;

import java.util.Arrays;

/// Unpacks one lz4 block, which may reach back into bytes before it.
///
/// @see <a href="https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md">lz4's block
///   format</a>
final class Lz4Block {
  private static final int MIN_MATCH = 4;

  private Lz4Block() {}

  /// Unpacks `packed[from, to)` to `dst` from `start` on.
  ///
  /// @param history the first index that matches may reach back to
  /// @param limit bytes must not come beyond
  /// @return the index behind the last byte, or -1 when the block is damaged
  static int unpack(
      byte[] packed, int from, int to, byte[] dst, int history, int start, int limit) {
    int in = from;
    int out = start;
    while (in < to) {
      int token = packed[in++] & 0xff;
      int literals = token >>> 4;
      if (literals == 15) {
        int more;
        do {
          if (in == to || literals > limit) {
            return -1;
          }
          more = packed[in++] & 0xff;
          literals += more;
        } while (more == 255);
      }
      if (literals > to - in || literals > limit - out) {
        return -1;
      }
      System.arraycopy(packed, in, dst, out, literals);
      in += literals;
      out += literals;
      if (in == to) {
        return out;
      }
      if (to - in < 2) {
        return -1;
      }
      int distance = packed[in] & 0xff | (packed[in + 1] & 0xff) << 8;
      in += 2;
      int length = token & 15;
      if (length == 15) {
        int more;
        do {
          if (in == to || length > limit) {
            return -1;
          }
          more = packed[in++] & 0xff;
          length += more;
        } while (more == 255);
      }
      length += MIN_MATCH;
      if (distance == 0 || distance > out - history || length > limit - out) {
        return -1;
      }
      copyMatch(dst, out, distance, length);
      out += length;
    }
    return -1;
  }

  private static void copyMatch(byte[] dst, int out, int distance, int length) {
    int from = out - distance;
    if (distance >= length) {
      System.arraycopy(dst, from, dst, out, length);
    } else if (distance == 1) {
      Arrays.fill(dst, out, out + length, dst[from]);
    } else {
      // Each round doubles what can be copied at once.
      for (int done = 0; done < length; ) {
        int n = Math.min(distance + done, length - done);
        System.arraycopy(dst, from, dst, out + done, n);
        done += n;
      }
    }
  }
}
