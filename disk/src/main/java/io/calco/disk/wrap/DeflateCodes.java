package io.calco.disk.wrap;

import java.io.IOException;
import java.util.Arrays;

/// The two prefix codes of a deflate block as tables to look bits up in.
///
/// An entry: bits 0–7 the bits to consume, 8–12 the extra bits that follow, 13–15 flags, 16–31 the
/// literal, or the base of the length or distance. In a first table whose code is longer than its
/// index, [#DEEPER]: 8–12 the bits that index the second table, which begins at 16–31.
final class DeflateCodes {
  static final int LITERAL_BITS = 10;
  static final int LITERAL_MASK = (1 << LITERAL_BITS) - 1;
  static final int DISTANCE_BITS = 8;

  static final int LITERAL = 1 << 13;

  /// Neither literal nor length: [#END], or, without it, no code at all.
  static final int SPECIAL = 1 << 14;

  /// With [#SPECIAL]: the end of the block.
  static final int END = 1 << 16;

  /// The entry leads to a second table.
  static final int DEEPER = 1 << 15;

  private static final int LENGTH_MAX = 15;
  private static final int LITERALS_MAX = 286;
  private static final int DISTANCES_MAX = 30;
  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  private static final int[] LITERAL_ENTRIES = literalEntries();
  private static final int[] DISTANCE_ENTRIES = distanceEntries();
  private static final int[] PLAIN_ENTRIES = plainEntries();

  static final DeflateCodes FIXED = fixed();

  /// Takes bits of the stream.
  interface Bits {
    int take(int count) throws IOException;
  }

  /// Code lengths that make no code.
  static final class BadCodes extends Exception {
    private static final long serialVersionUID = 1L;

    private final String what;

    BadCodes(String what) {
      super(what, null, false, false);
      this.what = what;
    }

    @Override
    public String getMessage() {
      return what;
    }
  }

  private final int[] literals;
  private final int[] distances;

  private DeflateCodes(int[] literals, int[] distances) {
    this.literals = literals;
    this.distances = distances;
  }

  int[] literals() {
    return literals;
  }

  int[] distances() {
    return distances;
  }

  /// The entry for the next bits; to be consumed are its bits 0–7.
  static int find(int[] table, int indexBits, long bits) {
    int entry = table[(int) bits & (1 << indexBits) - 1];
    if ((entry & DEEPER) != 0) {
      int more = (int) (bits >>> indexBits) & (1 << (entry >>> 8 & 0x1f)) - 1;
      entry = table[(entry >>> 16) + more];
    }
    return entry;
  }

  /// Reads the codes that stand at the front of a block of type 2.
  static DeflateCodes read(Bits bits) throws IOException, BadCodes {
    int literalCount = bits.take(5) + 257;
    int distanceCount = bits.take(5) + 1;
    int lengthCount = bits.take(4) + 4;
    if (literalCount > LITERALS_MAX || distanceCount > DISTANCES_MAX) {
      throw new BadCodes(
          "%d literal/length and %d distance codes".formatted(literalCount, distanceCount));
    }
    byte[] lengths = new byte[ORDER.length];
    for (int i = 0; i < lengthCount; i++) {
      lengths[ORDER[i]] = (byte) bits.take(3);
    }
    int[] lengthCode = table(lengths, 7, PLAIN_ENTRIES, "code length", false);
    byte[] all = readLengths(lengthCode, bits, literalCount + distanceCount);
    byte[] literalLengths = Arrays.copyOf(all, literalCount);
    if (literalLengths[256] == 0) {
      throw new BadCodes("no code for the end of the block");
    }
    byte[] distanceLengths = Arrays.copyOfRange(all, literalCount, all.length);
    return new DeflateCodes(
        table(literalLengths, LITERAL_BITS, LITERAL_ENTRIES, "literal/length", true),
        table(distanceLengths, DISTANCE_BITS, DISTANCE_ENTRIES, "distance", true));
  }

  private static byte[] readLengths(int[] table, Bits bits, int count)
      throws IOException, BadCodes {
    byte[] lengths = new byte[count];
    for (int at = 0; at < count; ) {
      int symbol = readSymbol(table, bits);
      if (symbol < 16) {
        lengths[at++] = (byte) symbol;
        continue;
      }
      if (symbol == 16 && at == 0) {
        throw new BadCodes("a repeated length without one before it");
      }
      byte value = symbol == 16 ? lengths[at - 1] : 0;
      int times =
          switch (symbol) {
            case 16 -> 3 + bits.take(2);
            case 17 -> 3 + bits.take(3);
            default -> 11 + bits.take(7);
          };
      if (times > count - at) {
        throw new BadCodes("more code lengths than codes");
      }
      Arrays.fill(lengths, at, at + times, value);
      at += times;
    }
    return lengths;
  }

  /// Bit by bit, as no more bits than the code has may be taken.
  private static int readSymbol(int[] table, Bits bits) throws IOException, BadCodes {
    int code = 0;
    for (int length = 1; length <= 7; length++) {
      code |= bits.take(1) << length - 1;
      int entry = table[code];
      if ((entry & 0xff) == length && (entry & SPECIAL) == 0) {
        return entry >>> 16;
      }
    }
    throw new BadCodes("a code length that has no code");
  }

  private static DeflateCodes fixed() {
    byte[] literalLengths = new byte[288];
    Arrays.fill(literalLengths, 0, 144, (byte) 8);
    Arrays.fill(literalLengths, 144, 256, (byte) 9);
    Arrays.fill(literalLengths, 256, 280, (byte) 7);
    Arrays.fill(literalLengths, 280, 288, (byte) 8);
    byte[] distanceLengths = new byte[32];
    Arrays.fill(distanceLengths, (byte) 5);
    try {
      return new DeflateCodes(
          table(literalLengths, LITERAL_BITS, LITERAL_ENTRIES, "fixed", true),
          table(distanceLengths, DISTANCE_BITS, DISTANCE_ENTRIES, "fixed", true));
    } catch (BadCodes e) {
      throw new IllegalStateException(e);
    }
  }

  /// @param incompleteOne a single code of one bit may stand alone, as zlib allows; also none
  private static int[] table(
      byte[] lengths, int indexBits, int[] entries, String what, boolean incompleteOne)
      throws BadCodes {
    int[] counts = new int[LENGTH_MAX + 1];
    for (byte length : lengths) {
      counts[length]++;
    }
    counts[0] = 0;
    int longest = LENGTH_MAX;
    while (longest > 0 && counts[longest] == 0) {
      longest--;
    }
    int left = 1;
    for (int length = 1; length <= LENGTH_MAX; length++) {
      left = (left << 1) - counts[length];
      if (left < 0) {
        throw new BadCodes("too many " + what + " codes");
      }
    }
    if (left > 0 && !(incompleteOne && longest <= 1)) {
      throw new BadCodes("an incomplete set of " + what + " codes");
    }
    return fill(lengths, counts, indexBits, Math.max(longest, indexBits), entries);
  }

  private static int[] fill(
      byte[] lengths, int[] counts, int indexBits, int longest, int[] entries) {
    int[] next = new int[LENGTH_MAX + 2];
    for (int length = 1; length <= LENGTH_MAX; length++) {
      next[length + 1] = next[length] + counts[length] << 1;
    }
    int subBits = longest - indexBits;
    int longCodes = 0;
    for (int length = indexBits + 1; length <= LENGTH_MAX; length++) {
      longCodes += counts[length];
    }
    // Two codes or more share each second table, as the set is complete.
    int[] table = new int[(1 << indexBits) + (longCodes / 2 << subBits)];
    Arrays.fill(table, SPECIAL);
    int end = 1 << indexBits;
    for (int symbol = 0; symbol < lengths.length; symbol++) {
      int length = lengths[symbol];
      if (length == 0) {
        continue;
      }
      int code = Integer.reverse(next[length]++) >>> 32 - length;
      int entry = entries[symbol] | length;
      if (length <= indexBits) {
        for (int i = code; i < 1 << indexBits; i += 1 << length) {
          table[i] = entry;
        }
        continue;
      }
      int first = code & (1 << indexBits) - 1;
      if ((table[first] & DEEPER) == 0) {
        table[first] = end << 16 | DEEPER | subBits << 8;
        end += 1 << subBits;
      }
      int start = table[first] >>> 16;
      for (int i = code >>> indexBits; i < 1 << subBits; i += 1 << length - indexBits) {
        table[start + i] = entry;
      }
    }
    return table;
  }

  private static int[] literalEntries() {
    int[] entries = new int[288];
    for (int i = 0; i < 256; i++) {
      entries[i] = i << 16 | LITERAL;
    }
    entries[256] = SPECIAL | END;
    int base = 3;
    for (int i = 257; i < 285; i++) {
      int extra = i < 265 ? 0 : (i - 261) / 4;
      entries[i] = base << 16 | extra << 8;
      base += 1 << extra;
    }
    entries[285] = 258 << 16;
    entries[286] = SPECIAL;
    entries[287] = SPECIAL;
    return entries;
  }

  private static int[] distanceEntries() {
    int[] entries = new int[32];
    int base = 1;
    for (int i = 0; i < 30; i++) {
      int extra = i < 4 ? 0 : i / 2 - 1;
      entries[i] = base << 16 | extra << 8;
      base += 1 << extra;
    }
    entries[30] = SPECIAL;
    entries[31] = SPECIAL;
    return entries;
  }

  private static int[] plainEntries() {
    int[] entries = new int[ORDER.length];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = i << 16;
    }
    return entries;
  }
}
