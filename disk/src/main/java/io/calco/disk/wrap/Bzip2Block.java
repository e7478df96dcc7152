package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.Arrays;

/// Unpacks one block of bzip2: Huffman codes, move to front, the Burrows-Wheeler transform, runs.
/// Thread rule: confined; made once, used for many blocks.
final class Bzip2Block {
  private static final String BLOCK = "bzip2 block";
  private static final int RUN_A = 0;
  private static final int RUN_B = 1;
  private static final int GROUP = 50;
  private static final int SELECTORS_MAX = 18_002;
  private static final int CODE_MAX = 20;

  private final PackedInput in;
  private final BitInput bits;

  /// Bytes of the block before runs are spread, and in the upper 24 bits their order.
  private int[] order = new int[0];

  private int length;
  private int origin;

  /// How far the bytes are spread: how many were taken, where the next one is, the last one, how
  /// often it came, and how often it is still to come.
  private int taken;

  private int next;
  private int last;
  private int equal;
  private int run;

  private final byte[] used = new byte[256];
  private final byte[] selectors = new byte[SELECTORS_MAX];
  private int selectorCount;
  private final Code[] codes = new Code[6];

  /// A Huffman code: for each length the first code and where its symbols begin.
  private static final class Code {
    final int[] limit = new int[CODE_MAX + 2];
    final int[] base = new int[CODE_MAX + 2];
    final int[] symbols = new int[258];
    int shortest;

    void set(byte[] lengths, int count) {
      int[] counts = new int[CODE_MAX + 2];
      for (int i = 0; i < count; i++) {
        counts[lengths[i]]++;
      }
      shortest = 1;
      while (shortest < CODE_MAX && counts[shortest] == 0) {
        shortest++;
      }
      int code = 0;
      int index = 0;
      for (int n = 1; n <= CODE_MAX; n++) {
        base[n] = index - code;
        code += counts[n];
        limit[n] = counts[n] == 0 ? -1 : code - 1;
        for (int i = 0; i < count && counts[n] > 0; i++) {
          if (lengths[i] == n) {
            symbols[index++] = i;
          }
        }
        code <<= 1;
      }
    }
  }

  Bzip2Block(PackedInput in, BitInput bits) {
    this.in = in;
    this.bits = bits;
    Arrays.setAll(codes, i -> new Code());
  }

  /// Reads a block behind its checksum.
  ///
  /// @param most its bytes, at most
  void read(int most) throws IOException {
    if (order.length < most) {
      order = new int[most];
    }
    if (bits.flag(BLOCK)) {
      throw new UnsupportedFeatureException(
          in.file().name() + ": a randomised bzip2 block, as only versions before 0.9.5 wrote");
    }
    origin = (int) bits.take(24, BLOCK);
    int usedCount = readUsed();
    readCodes(usedCount + 2);
    readSymbols(most, usedCount);
    if (origin >= length) {
      throw corrupt("origin " + origin, "one below " + length);
    }
    putInOrder();
    taken = 0;
    next = order[origin] >>> 8;
    equal = 0;
    run = 0;
  }

  private int readUsed() throws IOException {
    int groups = (int) bits.take(16, BLOCK);
    int count = 0;
    for (int i = 0; i < 256; i++) {
      if ((groups & 0x8000 >>> (i >>> 4)) == 0) {
        i |= 15;
      } else if (bits.flag(BLOCK)) {
        used[count++] = (byte) i;
      }
    }
    if (count == 0) {
      throw corrupt("no byte in use", "at least one");
    }
    return count;
  }

  private void readCodes(int symbolCount) throws IOException {
    int codeCount = (int) bits.take(3, BLOCK);
    int stored = (int) bits.take(15, BLOCK);
    if (codeCount < 2 || codeCount > 6 || stored == 0) {
      throw corrupt("%d codes, %d selectors".formatted(codeCount, stored), "2 to 6, and 1 or more");
    }
    byte[] front = {0, 1, 2, 3, 4, 5};
    for (int i = 0; i < stored; i++) {
      int at = 0;
      while (bits.flag(BLOCK)) {
        if (++at == codeCount) {
          throw corrupt("selector " + at, "one below " + codeCount);
        }
      }
      byte selector = front[at];
      System.arraycopy(front, 0, front, 1, at);
      front[0] = selector;
      // lbzip2 writes more than are needed; bzip2 1.0.8 leaves them out, too.
      if (i < SELECTORS_MAX) {
        selectors[i] = selector;
      }
    }
    byte[] lengths = new byte[258];
    for (int i = 0; i < codeCount; i++) {
      int length = (int) bits.take(5, BLOCK);
      for (int symbol = 0; symbol < symbolCount; symbol++) {
        while (true) {
          if (length < 1 || length > CODE_MAX) {
            throw corrupt("a code of %d bits".formatted(length), "1 to 20");
          }
          if (!bits.flag(BLOCK)) {
            break;
          }
          length += bits.flag(BLOCK) ? -1 : 1;
        }
        lengths[symbol] = (byte) length;
      }
      codes[i].set(lengths, symbolCount);
    }
    selectorCount = Math.min(stored, SELECTORS_MAX);
  }

  private void readSymbols(int most, int usedCount) throws IOException {
    byte[] front = Arrays.copyOf(used, usedCount);
    int end = usedCount + 1;
    int at = 0;
    int group = 0;
    int left = 0;
    long run = 0;
    int weight = 0;
    Code code = codes[0];
    while (true) {
      if (left == 0) {
        if (group == selectorCount) {
          throw corrupt("more symbols than selectors", "an end of the block");
        }
        code = codes[selectors[group++]];
        left = GROUP;
      }
      left--;
      int symbol = symbol(code);
      if (symbol <= RUN_B) {
        run += (symbol == RUN_A ? 1L : 2L) << weight++;
        if (run > most - at) {
          throw corrupt("a run beyond the block", "at most %d bytes".formatted(most));
        }
        continue;
      }
      Arrays.fill(order, at, at + (int) run, front[0] & 0xff);
      at += (int) run;
      run = 0;
      weight = 0;
      if (symbol == end) {
        break;
      }
      if (at == most || symbol > end) {
        throw corrupt("more bytes than fit", "at most %d".formatted(most));
      }
      byte value = front[symbol - 1];
      System.arraycopy(front, 0, front, 1, symbol - 1);
      front[0] = value;
      order[at++] = value & 0xff;
    }
    length = at;
  }

  private int symbol(Code code) throws IOException {
    int n = code.shortest;
    int value = (int) bits.take(n, BLOCK);
    while (n <= CODE_MAX) {
      if (value <= code.limit[n] && value + code.base[n] >= 0) {
        return code.symbols[value + code.base[n]];
      }
      value = value << 1 | (int) bits.take(1, BLOCK);
      n++;
    }
    throw corrupt("a code that is not there", "one that is");
  }

  /// Puts into the upper bits of each entry where the next byte stands.
  private void putInOrder() {
    int[] starts = new int[257];
    for (int i = 0; i < length; i++) {
      starts[(order[i] & 0xff) + 1]++;
    }
    for (int i = 0; i < 256; i++) {
      starts[i + 1] += starts[i];
    }
    for (int i = 0; i < length; i++) {
      order[starts[order[i] & 0xff]++] |= i << 8;
    }
  }

  /// Writes the block's bytes, runs spread, from where it stopped: after four equal bytes stands
  /// how many more follow.
  ///
  /// @param to where to stop, if the block does not end before
  /// @return the index behind the last byte
  int spread(byte[] dst, int from, int to) {
    int at = from;
    while (at < to && !ended()) {
      if (run > 0) {
        int n = Math.min(run, to - at);
        Arrays.fill(dst, at, at + n, (byte) last);
        run -= n;
        at += n;
      } else if (advance()) {
        dst[at++] = (byte) last;
      }
    }
    return at;
  }

  /// Leaves out bytes, fewer if the block ends before.
  void skip(long count) {
    for (long left = count; left > 0 && !ended(); ) {
      if (run > 0) {
        int n = (int) Math.min(run, left);
        run -= n;
        left -= n;
      } else if (advance()) {
        left--;
      }
    }
  }

  /// Nothing is left to spread.
  boolean ended() {
    return taken == length && run == 0;
  }

  /// Takes the next byte: true when it stands for itself, false when it began a run.
  private boolean advance() {
    int entry = order[next];
    int value = entry & 0xff;
    next = entry >>> 8;
    taken++;
    if (equal == 4) {
      run = value;
      equal = 0;
      return false;
    }
    equal = equal > 0 && value == last ? equal + 1 : 1;
    last = value;
    return true;
  }

  private CorruptImageException corrupt(Object found, Object expected) {
    return in.corrupt(BLOCK, bits.position() >>> 3, found, expected);
  }
}
