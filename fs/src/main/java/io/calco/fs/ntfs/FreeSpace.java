package io.calco.fs.ntfs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/// The free clusters below some end, to be taken: in one run where there is one, else in as few as
/// can be. The runs stand in a tree of the longest one's length, so that each search takes the
/// logarithm of their number.
final class FreeSpace {
  private int[] starts = new int[64];
  private int[] lengths = new int[64];
  private int count;
  private int[] longest = {};
  private int leaves;
  private long left;

  /// Clusters that were taken: the first ones of a run.
  ///
  /// @param run whose
  /// @param start the first one's number
  /// @param length how many
  record Piece(int run, int start, int length) {}

  /// What is clear in `used` below `end`.
  FreeSpace(BitSet used, int end) {
    for (int at = used.nextClearBit(0); at < end; ) {
      int next = used.nextSetBit(at);
      int to = next < 0 ? end : Math.min(next, end);
      add(at, to - at);
      at = used.nextClearBit(to);
    }
    leaves = Math.max(1, Integer.highestOneBit(Math.max(1, count - 1)) << 1);
    longest = new int[2 * leaves];
    System.arraycopy(lengths, 0, longest, leaves, count);
    for (int node = leaves - 1; node > 0; node--) {
      longest[node] = Math.max(longest[2 * node], longest[2 * node + 1]);
    }
  }

  private void add(int start, int length) {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    starts[count] = start;
    lengths[count] = length;
    count++;
    left += length;
  }

  /// Takes clusters, of the longest runs where no single one does.
  ///
  /// @return ascending by place
  /// @throws NoSpaceException when there are not so many; then none is taken
  List<Piece> take(long clusters) throws NoSpaceException {
    if (clusters > left) {
      throw new NoSpaceException(
          "NTFS: %d clusters are in the way of the volume's end, and %d are free before it"
              .formatted(clusters, left));
    }
    List<Piece> pieces = new ArrayList<>(1);
    for (long rest = clusters; rest > 0; ) {
      int wanted = (int) Math.min(rest, longest[1]);
      pieces.add(takeFirst(wanted));
      rest -= wanted;
    }
    pieces.sort(Comparator.comparingInt(Piece::start)); // near each other: short to tell
    return pieces;
  }

  private Piece takeFirst(int wanted) {
    int node = 1;
    while (node < leaves) {
      node = longest[2 * node] >= wanted ? 2 * node : 2 * node + 1;
    }
    int run = node - leaves;
    Piece piece = new Piece(run, starts[run], wanted);
    change(run, wanted);
    return piece;
  }

  private void change(int run, int taken) {
    starts[run] += taken;
    left -= taken;
    int node = leaves + run;
    longest[node] -= taken;
    for (node /= 2; node > 0; node /= 2) {
      longest[node] = Math.max(longest[2 * node], longest[2 * node + 1]);
    }
  }

  /// Gives back what was taken last: of each run one piece at most.
  void giveBack(List<Piece> pieces) {
    for (Piece piece : pieces) {
      change(piece.run(), -piece.length());
    }
  }
}
