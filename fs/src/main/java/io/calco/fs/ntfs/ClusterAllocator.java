package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Takes free clusters and gives them back. What was freed since the last commit is not taken.
final class ClusterAllocator {
  private static final int PAGE_BITS = UnitStream.PAGE * 8;
  private static final int MAX_PIECES = 4096; // ours: remembered in a search

  private final Volume volume;
  private final UnitStream bitmap;
  private final long clusters;
  private long next;

  /// A run of free clusters.
  private record Piece(long start, long length) {}

  ClusterAllocator(Volume volume) throws IOException {
    this.volume = volume;
    this.bitmap = volume.clusterBitmap();
    this.clusters = volume.boot.clusters();
    // The eighth of the volume behind the MFT is left for it as long as there is other room.
    long mftEnd = volume.boot.mftCluster() + (volume.mft().length() >> volume.boot.clusterBits());
    this.next = Math.min(clusters - 1, mftEnd + clusters / 8);
  }

  /// Takes clusters: in one run where there is one, else in the longest ones.
  ///
  /// @param near where to begin to look; -1 for no matter
  RunList allocate(long count, long near) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    long first = near >= 0 && near < clusters ? near : next;
    Piece whole = search(first, clusters, count, pieces);
    if (whole.length() < count) {
      whole = search(0, first, count, pieces);
    }
    RunList runs = RunList.EMPTY;
    if (whole.length() >= count) {
      runs = runs.plus(whole.start(), count);
    } else {
      runs = scattered(pieces, count);
    }
    for (int run = 0; run < runs.count(); run++) {
      set(runs.place(run), runs.length(run), true);
    }
    if (near < 0) {
      next = (runs.place(runs.count() - 1) + runs.length(runs.count() - 1)) % clusters;
    }
    return runs;
  }

  private RunList scattered(List<Piece> pieces, long count) throws IOException {
    pieces.sort(Comparator.comparingLong(Piece::length).reversed());
    RunList runs = RunList.EMPTY;
    for (Piece piece : pieces) {
      long left = count - runs.end();
      if (left > 0) {
        runs = runs.plus(piece.start(), Math.min(left, piece.length()));
      }
    }
    if (runs.end() < count) {
      throw new NoSpaceException("NTFS: no %d free clusters are left".formatted(count));
    }
    return runs;
  }

  /// The first run of `count` free clusters, or one of none; all that were seen go to `pieces`.
  private Piece search(long from, long to, long count, List<Piece> pieces) throws IOException {
    long start = -1;
    for (long at = from; at < to; ) {
      long page = at / PAGE_BITS;
      int bit = (int) (at % PAGE_BITS);
      if ((bit & 7) == 0 && volume.units.read(bitmap, page)[bit >> 3] == -1 && at + 8 <= to) {
        if (start >= 0) {
          note(pieces, start, at);
          start = -1;
        }
        at += 8;
        continue;
      }
      if (volume.units.isFree(bitmap, page, bit)) {
        start = start < 0 ? at : start;
        if (at + 1 - start >= count) {
          return new Piece(start, count);
        }
      } else if (start >= 0) {
        note(pieces, start, at);
        start = -1;
      }
      at++;
    }
    if (start >= 0) {
      note(pieces, start, to);
    }
    return new Piece(0, 0);
  }

  private static void note(List<Piece> pieces, long start, long end) {
    if (pieces.size() >= MAX_PIECES) {
      pieces.sort(Comparator.comparingLong(Piece::length).reversed());
      pieces.subList(MAX_PIECES / 2, pieces.size()).clear();
    }
    pieces.add(new Piece(start, end - start));
  }

  /// Gives an attribute's clusters back.
  void free(RunList runs) throws IOException {
    for (int run = 0; run < runs.count(); run++) {
      if (runs.place(run) != RunList.HOLE) {
        set(runs.place(run), runs.length(run), false);
      }
    }
  }

  private void set(long from, long length, boolean used) throws IOException {
    byte[] page = {};
    for (long at = from; at < from + length; at++) {
      int bit = (int) (at % PAGE_BITS);
      if (at == from || bit == 0) {
        page = volume.units.edit(bitmap, at / PAGE_BITS, Commit.USED);
      }
      int mask = 1 << (bit & 7);
      if (((page[bit >> 3] & mask) != 0) == used) {
        throw CorruptImageException.at(
            "NTFS", "$Bitmap, cluster", at, used ? "in use" : "free", "the other");
      }
      page[bit >> 3] ^= (byte) mask;
    }
  }
}
