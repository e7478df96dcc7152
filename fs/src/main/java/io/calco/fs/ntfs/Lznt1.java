package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.util.Arrays;

/// LZNT1, the compression of NTFS's own (MS-XCA section 2.5): chunks of 4 KiB, each a header and
/// either plain bytes or groups of eight literals and back references, whose split into distance
/// and length moves with the place in the chunk.
final class Lznt1 {
  private static final int CHUNK = 4096;

  private Lznt1() {}

  /// Unpacks into `out`, whose rest becomes zero.
  ///
  /// @param in what is packed, from its beginning
  static void unpack(byte[] in, byte[] out) throws CorruptImageException {
    int at = 0;
    int to = 0;
    while (to < out.length && at + 2 <= in.length) {
      int header = LittleEndian.u16(in, at);
      if (header == 0) {
        break;
      }
      int end = at + 3 + (header & 0xFFF);
      if (end > in.length) {
        throw corrupt(at, header, "a chunk within the unit");
      }
      int chunkEnd = Math.min(to + CHUNK, out.length);
      int reached;
      if ((header & 0x8000) == 0) {
        reached = to + Math.min(end - at - 2, chunkEnd - to);
        System.arraycopy(in, at + 2, out, to, reached - to);
      } else {
        reached = chunk(in, at + 2, end, out, to, chunkEnd);
      }
      Arrays.fill(out, reached, chunkEnd, (byte) 0);
      at = end;
      to = chunkEnd;
    }
    Arrays.fill(out, to, out.length, (byte) 0);
  }

  /// @return where the output ended
  private static int chunk(byte[] in, int from, int end, byte[] out, int start, int stop)
      throws CorruptImageException {
    int at = from;
    int to = start;
    while (at < end && to < stop) {
      int tags = in[at++];
      for (int i = 0; i < 8 && at < end && to < stop; i++, tags >>= 1) {
        if ((tags & 1) == 0) {
          out[to++] = in[at++];
          continue;
        }
        if (at + 2 > end || to == start) {
          throw corrupt(at, "a reference", "something before it");
        }
        int pair = LittleEndian.u16(in, at);
        at += 2;
        int lengthBits = Math.min(12, Integer.numberOfLeadingZeros(to - start - 1) - 16);
        int distance = (pair >> lengthBits) + 1;
        int length = (pair & (1 << lengthBits) - 1) + 3;
        if (distance > to - start) {
          throw corrupt(at, distance, "at most " + (to - start));
        }
        for (int copied = Math.min(length, stop - to); copied > 0; copied--, to++) {
          out[to] = out[to - distance];
        }
      }
    }
    return to;
  }

  private static CorruptImageException corrupt(int at, Object found, Object wanted) {
    return CorruptImageException.at("NTFS", "compressed unit", at, found, wanted);
  }
}
