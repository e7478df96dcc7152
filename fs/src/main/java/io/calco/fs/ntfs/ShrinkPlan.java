package io.calco.fs.ntfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which clusters go where when a volume gets shorter, so that each file record has room for what
/// it then has to tell.
final class ShrinkPlan {
  /// Records of the MFT that are read before it is known where the others lie.
  private static final int FIRST_RECORDS = 16;

  private static final int MANY_PAIRS = 64; // ours: bytes of them

  private final Volume volume;
  private final int end;
  private final BitSet occupied;
  private final ClusterMoves moves = new ClusterMoves();
  private final Map<Long, byte[]> changed = new HashMap<>();
  private final RunList bitmap; // its part that is needed, where it was
  private final RunList rest;
  private final FreeSpace space;

  private ShrinkPlan(Volume volume, BitSet occupied, int end) throws IOException {
    this.volume = volume;
    this.end = end;
    this.occupied = occupied;
    RunList runs = volume.file(Volume.BITMAP).data().runs();
    this.bitmap = runs.part(0, bitmapClusters(volume.boot, end));
    this.rest = runs.part(bitmap.end(), runs.end());
    mark(rest, false);
    this.space = new FreeSpace(occupied, end);
    mark(rest, true);
  }

  private void mark(RunList runs, boolean used) {
    for (int run = 0; run < runs.count(); run++) {
      occupied.set((int) runs.place(run), (int) (runs.place(run) + runs.length(run)), used);
    }
  }

  /// Plans.
  ///
  /// @param occupied a bit for each cluster that is a file's; stays as it is until [#marks]
  /// @param clusters that the volume is to have, fewer than now
  /// @throws NoSpaceException when the rest does not fit into them, or a record is too full for as
  ///   many runs as it then has to tell of
  static ShrinkPlan of(Volume volume, BitSet occupied, int clusters) throws IOException {
    ShrinkPlan plan = new ShrinkPlan(volume, occupied, clusters);
    for (boolean delicate : new boolean[] {true, false}) {
      FileRecords.visit(
          volume,
          record -> {
            if (isDelicate(record) == delicate) {
              plan.place(record);
            }
          });
    }
    plan.moves.sort();
    return plan;
  }

  /// True for records that take what lies together before others do: the volume's own, and those
  /// that tell of many pieces.
  private static boolean isDelicate(MftRecord record) {
    int pairs = 0;
    for (Attribute attribute : record.attributes()) {
      pairs += attribute.isResident() ? 0 : attribute.length() - attribute.pairsAt();
    }
    return record.number() < Volume.FIRST_USER || pairs > MANY_PAIRS;
  }

  /// Clusters that the volume's bitmap takes.
  static long bitmapClusters(BootSector boot, long clusters) {
    return (bitmapSize(clusters) + boot.clusterSize() - 1) >> boot.clusterBits();
  }

  /// Bytes in the bitmap of so many clusters.
  private static long bitmapSize(long clusters) {
    return (clusters + 63) / 64 * 8;
  }

  private static void requireOne(MftRecord record, String name) throws IOException {
    for (Attribute attribute : record.attributes()) {
      if (attribute.type() == AttributeType.ATTRIBUTE_LIST) {
        throw new UnsupportedFeatureException(
            "NTFS: with %s in more than one file record it is not shrunk".formatted(name));
      }
    }
  }

  private void place(MftRecord record) throws IOException {
    Map<Integer, RecordRuns.Extent> extents = new HashMap<>();
    boolean special = false;
    int room = RecordRuns.room(record);
    for (Attribute attribute : record.attributes()) {
      if (!attribute.isResident()) {
        Optional<RecordRuns.Extent> cut = cut(record, attribute);
        special |= cut.isPresent();
        RunList runs = cut.isPresent() ? cut.get().runs() : attribute.runs(volume.boot.clusters());
        int most = room + attribute.length();
        if (countFrom(end, runs) > 0) {
          RunList placed = placed(attribute, runs, most);
          cut = Optional.of(new RecordRuns.Extent(placed, cut.flatMap(RecordRuns.Extent::sizes)));
        }
        if (cut.isPresent()) {
          extents.put(attribute.at(), cut.get());
          room = most - RecordRuns.length(attribute, cut.get().runs());
        }
      }
    }
    if (special) {
      changed.put(record.number(), RecordRuns.rewritten(record, extents));
    }
  }

  /// What an attribute becomes whose length is the volume's.
  private Optional<RecordRuns.Extent> cut(MftRecord record, Attribute attribute)
      throws IOException {
    int bits = volume.boot.clusterBits();
    if (Occupancy.isBadList(attribute)) {
      requireOne(record, "$BadClus");
      long size = (long) end << bits;
      Content.Sizes sizes =
          new Content.Sizes(size, size, Math.min(size, attribute.initializedSize()));
      return Optional.of(
          new RecordRuns.Extent(RunList.EMPTY.plus(RunList.HOLE, end), Optional.of(sizes)));
    }
    if (record.number() == Volume.BITMAP && attribute.is(AttributeType.DATA, "")) {
      requireOne(record, "$Bitmap");
      long size = bitmapSize(end);
      Content.Sizes sizes = new Content.Sizes(bitmap.end() << bits, size, size);
      return Optional.of(new RecordRuns.Extent(bitmap, Optional.of(sizes)));
    }
    return Optional.empty();
  }

  /// Clusters of these runs from a place of the volume on.
  private static long countFrom(long first, RunList runs) {
    long count = 0;
    for (int run = 0; run < runs.count(); run++) {
      if (runs.place(run) != RunList.HOLE) {
        count += Math.clamp(runs.place(run) + runs.length(run) - first, 0, runs.length(run));
      }
    }
    return count;
  }

  /// Places what is outside or else all of an extent, so that its record has room to tell of it.
  ///
  /// @param most bytes that the attribute may have
  private RunList placed(Attribute attribute, RunList runs, int most) throws IOException {
    long file = attribute.record().number();
    if (file == Volume.BOOT) {
      throw new NoSpaceException("NTFS: the boot sector's clusters do not fit");
    }
    for (long first : new long[] {end, 0}) {
      List<FreeSpace.Piece> pieces = space.take(countFrom(first, runs));
      List<ClusterMoves.Move> made = new ArrayList<>();
      RunList placed = placed(runs, first, pieces, made);
      if (RecordRuns.length(attribute, placed) <= most && isAddressable(attribute, runs, placed)) {
        made.forEach(moves::add);
        return placed;
      }
      space.giveBack(pieces);
    }
    throw new NoSpaceException(
        "NTFS: file record %d has no room to tell of the pieces that its file would lie in"
            .formatted(file));
  }

  /// The runs with what lies from `first` on in the pieces instead, in order.
  private static RunList placed(
      RunList runs, long first, List<FreeSpace.Piece> pieces, List<ClusterMoves.Move> made)
      throws LimitExceededException {
    RunList placed = runs.part(runs.first(), runs.first());
    int piece = 0;
    int taken = 0; // clusters of the piece
    for (int run = 0; run < runs.count(); run++) {
      long place = runs.place(run);
      long stays =
          place == RunList.HOLE ? runs.length(run) : Math.clamp(first - place, 0, runs.length(run));
      if (stays > 0) {
        placed = placed.plus(place, stays);
      }
      for (long done = stays; done < runs.length(run); ) {
        FreeSpace.Piece to = pieces.get(piece);
        long length = Math.min(runs.length(run) - done, to.length() - taken);
        placed = placed.plus(to.start() + taken, length);
        made.add(new ClusterMoves.Move(place + done, to.start() + taken, length));
        done += length;
        taken += (int) length;
        if (taken == to.length()) {
          piece++;
          taken = 0;
        }
      }
    }
    return placed;
  }

  /// False when what the boot sector names would not lie together.
  private boolean isAddressable(Attribute attribute, RunList before, RunList now) {
    boolean data = attribute.is(AttributeType.DATA, "") && attribute.lowest() == 0;
    long file = attribute.record().number();
    if (data && file == Volume.MIRROR) {
      return now.count() == 1;
    }
    if (data && file == Volume.MFT) {
      long bytes = (long) FIRST_RECORDS * volume.boot.recordSize();
      long clusters = (bytes + volume.boot.clusterSize() - 1) >> volume.boot.clusterBits();
      return now.length(0) >= Math.min(clusters, before.length(0));
    }
    return true;
  }

  ClusterMoves moves() {
    return moves;
  }

  /// Records of which more has changed than places, by number, not sealed.
  Map<Long, byte[]> changed() {
    return changed;
  }

  /// Brings the map of occupied clusters up to date.
  ///
  /// @return a bit for each that $Bitmap is to have
  BitSet marks() {
    mark(rest, false);
    for (ClusterMoves.Move move : moves.all()) {
      occupied.clear((int) move.from(), (int) (move.from() + move.length()));
      occupied.set((int) move.to(), (int) (move.to() + move.length()));
    }
    occupied.clear(end, Math.max(end, occupied.length()));
    occupied.set(end, (int) (8 * bitmapSize(end))); // what is behind the end counts as in use
    return occupied;
  }

  /// Where $Bitmap lies.
  RunList bitmapRuns() throws LimitExceededException {
    return moves.applied(bitmap);
  }
}
