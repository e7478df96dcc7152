package io.calco.disk.dmg;

import java.io.IOException;

/// A finite-state entropy code as LZFSE has it: each state stands for a symbol, and says how many
/// bits lead to the next state. A symbol stands for a value, or for a base to which some more bits
/// are added.
///
/// Thread rule: immutable once made; the bits are the caller's.
final class FseTable {
  private final int[] base;
  private final byte[] valueBits;
  private final byte[] stateBits;
  private final int[] delta;

  /// @param states a power of two
  /// @param frequencies how many states each symbol has
  /// @param bases each symbol's value, or the least of its values
  /// @param extraBits bits that say which value it is
  FseTable(int states, int[] frequencies, int[] bases, int[] extraBits) throws IOException {
    base = new int[states];
    valueBits = new byte[states];
    stateBits = new byte[states];
    delta = new int[states];
    int at = 0;
    for (int symbol = 0; symbol < frequencies.length; symbol++) {
      int frequency = frequencies[symbol];
      if (frequency > states - at) {
        throw new IOException("LZFSE frequencies add up to more than %d".formatted(states));
      }
      if (frequency == 0) {
        continue;
      }
      int bits = Integer.numberOfLeadingZeros(frequency) - Integer.numberOfLeadingZeros(states);
      int longer = (2 * states >> bits) - frequency;
      for (int j = 0; j < frequency; j++, at++) {
        base[at] = bases[symbol];
        valueBits[at] = (byte) extraBits[symbol];
        stateBits[at] = (byte) (j < longer ? bits : bits - 1);
        delta[at] = j < longer ? (frequency + j << bits) - states : j - longer << bits - 1;
      }
    }
  }

  int states() {
    return base.length;
  }

  /// Where the next state begins to count, by its bits.
  int next(int state, BackwardBits bits) throws IOException {
    return delta[state] + bits.take(stateBits[state]);
  }

  /// The symbol's own value.
  int value(int state) {
    return base[state];
  }

  /// Bits that are added to [#value]. They stand below those of the next state.
  int valueBits(int state) {
    return valueBits[state];
  }
}
