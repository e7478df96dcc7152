package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.util.BitSet;

/// Which clusters the files of a volume have: counted in the files, and compared with $Bitmap as
/// chkdsk does, because what is moved by a wrong map is lost.
final class Occupancy {
  private static final long MAX_CLUSTERS = Integer.MAX_VALUE - 64L; // ours: 256 MiB for each map

  private Occupancy() {}

  /// A bit for each cluster, set when it is a file's. Those of the list of bad clusters are not:
  /// the disk that they were bad on is not the one that the volume is copied to.
  ///
  /// @throws CorruptImageException when a cluster is two files', or marked as free
  /// @throws LimitExceededException when the volume has 2³¹ clusters or more
  static BitSet of(Volume volume) throws IOException {
    BootSector boot = volume.boot;
    if (boot.clusters() > MAX_CLUSTERS) {
      throw new LimitExceededException(
          "NTFS: a volume of %d clusters is not shrunk: at most %d"
              .formatted(boot.clusters(), MAX_CLUSTERS));
    }
    int bits = boot.clusterBits();
    BitSet marked = new BitSet((int) boot.clusters());
    new ClusterMap(volume)
        .runs(
            true,
            (offset, length) ->
                marked.set((int) (offset >> bits), (int) ((offset + length) >> bits)));
    BitSet used = new BitSet((int) boot.clusters());
    FileRecords.visit(
        volume,
        record -> {
          for (Attribute attribute : record.attributes()) {
            if (!attribute.isResident() && !isBadList(attribute)) {
              add(record, attribute.runs(boot.clusters()), marked, used);
            }
          }
        });
    return used;
  }

  /// True for the list of bad clusters: a hole as large as the volume, with those in it.
  static boolean isBadList(Attribute attribute) {
    return attribute.record().number() == Volume.BAD_CLUSTERS
        && attribute.is(AttributeType.DATA, "$Bad");
  }

  private static void add(MftRecord record, RunList runs, BitSet marked, BitSet used)
      throws CorruptImageException {
    for (int run = 0; run < runs.count(); run++) {
      if (runs.place(run) != RunList.HOLE) {
        int from = (int) runs.place(run);
        int to = from + (int) runs.length(run);
        int other = used.nextSetBit(from);
        if (other >= 0 && other < to) {
          throw unsound(record, other, "another file's too");
        }
        int free = marked.nextClearBit(from);
        if (free < to) {
          throw unsound(record, free, "marked as free");
        }
        used.set(from, to);
      }
    }
  }

  private static CorruptImageException unsound(MftRecord record, int cluster, String found) {
    return new CorruptImageException(
        "NTFS: file record %d: its cluster 0x%x is %s; run chkdsk /f in its Windows before it is shrunk"
            .formatted(record.number(), cluster, found));
  }
}
