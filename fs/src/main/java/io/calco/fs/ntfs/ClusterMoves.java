package io.calco.fs.ntfs;

import io.calco.disk.LimitExceededException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Runs of clusters that lie elsewhere now. Once [#sort] was called, safe for several threads.
final class ClusterMoves {
  private final List<Move> moves = new ArrayList<>();

  /// A run that lies elsewhere.
  ///
  /// @param from the first cluster as it was
  /// @param to as it is
  /// @param length in clusters
  record Move(long from, long to, long length) {}

  /// Adds one; no two have a cluster in common.
  void add(Move move) {
    moves.add(move);
  }

  /// All are there: [#applied] may be asked.
  void sort() {
    moves.sort(Comparator.comparingLong(Move::from));
  }

  List<Move> all() {
    return moves;
  }

  /// The first move that does not end before a cluster.
  private int find(long cluster) {
    int low = 0;
    int high = moves.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      Move move = moves.get(middle);
      if (move.from() + move.length() <= cluster) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// True when a cluster of these runs has moved.
  boolean touch(RunList runs) {
    for (int run = 0; run < runs.count(); run++) {
      long place = runs.place(run);
      if (place != RunList.HOLE) {
        int at = find(place);
        if (at < moves.size() && moves.get(at).from() < place + runs.length(run)) {
          return true;
        }
      }
    }
    return false;
  }

  /// Where these runs' clusters lie now.
  RunList applied(RunList runs) throws LimitExceededException {
    RunList applied = runs.part(runs.first(), runs.first());
    for (int run = 0; run < runs.count(); run++) {
      long place = runs.place(run);
      applied =
          place == RunList.HOLE
              ? applied.plus(RunList.HOLE, runs.length(run))
              : plus(applied, place, place + runs.length(run));
    }
    return applied;
  }

  private RunList plus(RunList runs, long from, long end) throws LimitExceededException {
    RunList more = runs;
    int next = find(from);
    for (long at = from; at < end; ) {
      long until = end;
      long place = at;
      if (next < moves.size()) {
        Move move = moves.get(next);
        if (move.from() <= at) {
          place = move.to() + at - move.from();
          until = Math.min(end, move.from() + move.length());
          next++;
        } else {
          until = Math.min(end, move.from());
        }
      }
      more = more.plus(place, until - at);
      at = until;
    }
    return more;
  }
}
