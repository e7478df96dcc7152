package io.calco.disk.dmg;

import java.io.IOException;
import java.util.Arrays;

/// A packed block of LZFSE (`bvx2`): its header, its literals, and the lengths and distances of its
/// matches, each under a finite-state entropy code of their own. Confined.
final class LzfseBlock {
  /// Bytes of the header before the frequencies.
  static final int HEADER = 32;

  private static final int LITERALS_MAX = 40_000;
  private static final int MATCHES_MAX = 10_000;

  private static final int LENGTH_STATES = 64;
  private static final int DISTANCE_STATES = 256;
  private static final int LITERAL_STATES = 1024;
  private static final int LENGTHS = 20;
  private static final int DISTANCES = 64;
  private static final int LITERALS = 256;
  private static final int FREQUENCIES = 2 * LENGTHS + DISTANCES + LITERALS;

  /// More bits than these many symbols have: what runs of literals, matches and distances need.
  private static final int[] LITERAL_RUN_BITS = lengthBits(2, 3, 5, 8);

  private static final int[] MATCH_BITS = lengthBits(3, 5, 8, 11);
  private static final int[] DISTANCE_BITS = distanceBits();
  private static final int[] NO_BITS = new int[LITERALS];

  private final byte[] in;
  private final int from;
  private final long counts;
  private final long states;
  private final long more;

  LzfseBlock(byte[] in, int from) throws IOException {
    this.in = in;
    this.from = from;
    if (in.length - from < HEADER) {
      throw tooShort();
    }
    this.counts = Lzfse.u64(in, from + 8);
    this.states = Lzfse.u64(in, from + 16);
    this.more = Lzfse.u64(in, from + 24);
  }

  private static int[] lengthBits(int... last) {
    int[] bits = new int[LENGTHS];
    System.arraycopy(last, 0, bits, LENGTHS - last.length, last.length);
    return bits;
  }

  private static int[] distanceBits() {
    int[] bits = new int[DISTANCES];
    Arrays.setAll(bits, i -> i / 4);
    return bits;
  }

  /// Each symbol's least value: the values follow each other.
  private static int[] bases(int[] bits) {
    int[] bases = new int[bits.length];
    for (int i = 1; i < bits.length; i++) {
      bases[i] = bases[i - 1] + (1 << bits[i - 1]);
    }
    return bases;
  }

  private static int field(long word, int shift, int bits) {
    return (int) (word >>> shift & (1L << bits) - 1);
  }

  private int literalBytes() {
    return field(counts, 20, 20);
  }

  private int matchBytes() {
    return field(states, 40, 20);
  }

  /// Unpacks the block; the place after it.
  int unpack(LzOutput out) throws IOException {
    long header = more & 0xffff_ffffL;
    long left = in.length - (long) from;
    if (header < HEADER || header > left || literalBytes() + matchBytes() > left - header) {
      throw tooShort();
    }
    int[] all = frequencies(from + HEADER, from + (int) header);
    int[] runs = Arrays.copyOfRange(all, 0, LENGTHS);
    int[] matches = Arrays.copyOfRange(all, LENGTHS, 2 * LENGTHS);
    int[] distances = Arrays.copyOfRange(all, 2 * LENGTHS, 2 * LENGTHS + DISTANCES);
    int[] literals = Arrays.copyOfRange(all, 2 * LENGTHS + DISTANCES, FREQUENCIES);
    int payload = from + (int) header;
    byte[] unpacked =
        literals(new FseTable(LITERAL_STATES, literals, bases(NO_BITS), NO_BITS), payload);
    copy(
        new FseTable(LENGTH_STATES, runs, bases(LITERAL_RUN_BITS), LITERAL_RUN_BITS),
        new FseTable(LENGTH_STATES, matches, bases(MATCH_BITS), MATCH_BITS),
        new FseTable(DISTANCE_STATES, distances, bases(DISTANCE_BITS), DISTANCE_BITS),
        unpacked,
        payload + literalBytes(),
        out);
    return payload + literalBytes() + matchBytes();
  }

  /// The frequencies of all symbols: few bits for small ones, and none at all when all are 0.
  private int[] frequencies(int start, int end) throws IOException {
    int[] all = new int[FREQUENCIES];
    if (start == end) {
      return all;
    }
    long held = 0;
    int bits = 0;
    int at = start;
    for (int i = 0; i < FREQUENCIES; i++) {
      while (bits <= 24 && at < end) {
        held |= (long) Byte.toUnsignedInt(in[at++]) << bits;
        bits += 8;
      }
      int length = frequencyBits((int) held & 31);
      if (length > bits) {
        throw tooShort();
      }
      all[i] = frequency(held, length);
      held >>>= length;
      bits -= length;
    }
    return all;
  }

  /// How long the code is that begins with these bits.
  private static int frequencyBits(int start) {
    if ((start & 1) == 0) {
      return 2;
    }
    return switch (start & 7) {
      case 1, 5 -> 3;
      case 3 -> 5;
      default -> (start & 8) == 0 ? 8 : 14;
    };
  }

  /// What a code of this length stands for.
  private static int frequency(long held, int length) {
    return switch (length) {
      case 2 -> field(held, 1, 1);
      case 3 -> 2 + field(held, 2, 1);
      case 5 -> 4 + field(held, 3, 2);
      case 8 -> 8 + field(held, 4, 4);
      default -> 24 + field(held, 4, 10);
    };
  }

  private byte[] literals(FseTable table, int start) throws IOException {
    int count = field(counts, 0, 20);
    if (count > LITERALS_MAX || count % 4 != 0) {
      throw new IOException("an LZFSE block of %d literals".formatted(count));
    }
    BackwardBits bits = new BackwardBits(in, start, literalBytes(), 7 - field(counts, 60, 3));
    int[] state = new int[4];
    for (int i = 0; i < 4; i++) {
      state[i] = checkedState(field(states, 10 * i, 10), table);
    }
    byte[] literals = new byte[count];
    for (int i = 0; i < count; i++) {
      int s = state[i & 3];
      literals[i] = (byte) table.value(s);
      state[i & 3] = table.next(s, bits);
    }
    return literals;
  }

  private void copy(
      FseTable runs, FseTable matches, FseTable distances, byte[] literals, int start, LzOutput out)
      throws IOException {
    int count = field(counts, 40, 20);
    if (count > MATCHES_MAX) {
      throw new IOException("an LZFSE block of %d matches".formatted(count));
    }
    BackwardBits bits = new BackwardBits(in, start, matchBytes(), 7 - field(states, 60, 3));
    int runState = checkedState(field(more, 32, 10), runs);
    int matchState = checkedState(field(more, 42, 10), matches);
    int distanceState = checkedState(field(more, 52, 10), distances);
    int used = 0;
    int distance = 0;
    for (int i = 0; i < count; i++) {
      // The state's bits stand above those of the value.
      int s = runState;
      runState = runs.next(s, bits);
      int run = runs.value(s) + bits.take(runs.valueBits(s));
      s = matchState;
      matchState = matches.next(s, bits);
      int match = matches.value(s) + bits.take(matches.valueBits(s));
      s = distanceState;
      distanceState = distances.next(s, bits);
      int next = distances.value(s) + bits.take(distances.valueBits(s));
      distance = next == 0 ? distance : next;
      if (run > literals.length - used) {
        throw new IOException("an LZFSE block has too few literals");
      }
      out.literals(literals, used, run);
      used += run;
      if (match > 0) {
        out.match(distance, match);
      }
    }
  }

  private static int checkedState(int state, FseTable table) throws IOException {
    if (state >= table.states()) {
      throw new IOException("LZFSE has no state %d of %d".formatted(state, table.states()));
    }
    return state;
  }

  private static IOException tooShort() {
    return new IOException("LZFSE data ends too early");
  }
}
