package io.calco.fs.fat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Rearranged;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;

/// Makes a file system shorter, as a view of its disk: clusters behind the new end lie, in the same
/// order, in the first free ones before it, and the FATs, the directories, the boot sectors and
/// FSInfo are written over in memory. Nothing is written to the disk. The FATs stay as long as they
/// were.
final class Shrink {
  private static final int MIN_CLUSTERS_16 = 4085; // the specification's
  private static final int MIN_CLUSTERS_32 = 65525;
  private static final int MAX_CLUSTERS = 1 << 26; // ours: 2 TiB of the largest usual clusters
  private static final int MANY_PAGES = 64; // ours: changed ones after which they are written

  private final Geometry geometry;
  private final int end;
  private final int[] places;
  private final Rearranged changed;
  private final Disk front;
  private final FatTable table;

  /// @param clusters that it is to have
  private Shrink(Disk disk, Geometry geometry, int clusters) {
    this.geometry = geometry;
    this.end = clusters + 2;
    this.places = new int[geometry.lastCluster() + 1 - end];
    this.changed = new Rearranged(disk, Integer.numberOfTrailingZeros(geometry.sectorBytes()));
    this.front = Disk.owning(changed);
    this.table = new FatTable(front, geometry);
  }

  /// The file system as it is on fewer bytes.
  ///
  /// @param size the most that it may have
  /// @throws NoSpaceException when what is in it does not fit, or too few clusters for its kind
  ///   would be left
  static Disk to(Disk disk, long size) throws IOException {
    Geometry geometry = load(disk);
    long sectors = size / geometry.sectorBytes();
    long bytes = sectors * geometry.sectorBytes();
    if (bytes >= geometry.size()) {
      return disk.slice(0, geometry.size()).readOnly();
    }
    long clusters = Math.max(0, bytes - geometry.dataOffset()) / geometry.clusterBytes();
    clusters = Math.min(clusters, geometry.clusters());
    if (clusters < leastClusters(geometry)) {
      throw new NoSpaceException(
          "FAT file system: %d clusters are left, and FAT%d has %d at least"
              .formatted(clusters, geometry.width(), leastClusters(geometry)));
    }
    Shrink shrink = new Shrink(disk, geometry, (int) clusters);
    shrink.move();
    shrink.putTable();
    shrink.putDirectories();
    shrink.putBoot(sectors);
    return shrink.front.slice(0, bytes).readOnly();
  }

  /// The least size: of the clusters in use, but as many as its kind has.
  static long leastSize(Disk disk) throws IOException {
    Geometry geometry = load(disk);
    FatTable table = new FatTable(disk, geometry);
    int used = 0;
    for (int at = table.nextUsed(2); at <= geometry.lastCluster(); at = table.nextUsed(at + 1)) {
      used += table.get(at) == FatTable.BAD ? 0 : 1;
    }
    int cluster = 2;
    for (int good = 0; good < used; cluster++) {
      good += table.get(cluster) == FatTable.BAD ? 0 : 1;
    }
    long clusters = Math.max(cluster - 2, leastClusters(geometry));
    return Math.min(geometry.dataOffset() + clusters * geometry.clusterBytes(), geometry.size());
  }

  private static Geometry load(Disk disk) throws IOException {
    Geometry geometry = Geometry.load(disk);
    if (geometry.clusters() > MAX_CLUSTERS) {
      throw new LimitExceededException(
          "FAT file system: one of %d clusters is not shrunk: at most %d"
              .formatted(geometry.clusters(), MAX_CLUSTERS));
    }
    return geometry;
  }

  /// Fewer clusters would make it another kind for those who tell the kind by their number.
  private static int leastClusters(Geometry geometry) {
    return switch (geometry.width()) {
      case 12 -> 1;
      case 16 -> MIN_CLUSTERS_16;
      default -> geometry.clusters() < MIN_CLUSTERS_32 ? 1 : MIN_CLUSTERS_32;
    };
  }

  /// Finds a place for each cluster that is outside.
  private void move() throws IOException {
    int free = 2;
    int perCluster = geometry.clusterBytes() / geometry.sectorBytes();
    for (int from = table.nextUsed(end); from <= geometry.lastCluster(); ) {
      if (table.get(from) != FatTable.BAD) { // what was bad was so on another disk
        free = table.nextFree(free);
        if (free >= end) {
          throw new NoSpaceException(
              "FAT file system: what is in it does not fit into %d clusters".formatted(end - 2));
        }
        places[from - end] = free;
        changed.move(sector(from), sector(free), perCluster);
        free++;
      }
      from = table.nextUsed(from + 1);
    }
  }

  private long sector(int cluster) {
    return geometry.offset(cluster) / geometry.sectorBytes();
  }

  /// Where a cluster is now.
  private int place(int cluster) throws CorruptImageException {
    if (!geometry.isCluster(cluster)) {
      throw corrupt(cluster);
    }
    int place = cluster < end ? cluster : places[cluster - end];
    if (place == 0) {
      throw corrupt(cluster);
    }
    return place;
  }

  private static CorruptImageException corrupt(int cluster) {
    return new CorruptImageException(
        "FAT file system: a file begins or goes on at cluster 0x%x, which is free; run fsck.fat before it is shrunk"
            .formatted(cluster));
  }

  private void putTable() throws IOException {
    for (int at = table.nextUsed(2); at <= geometry.lastCluster(); at = table.nextUsed(at + 1)) {
      boolean bad = table.get(at) == FatTable.BAD;
      if (bad && at < end) {
        continue;
      }
      if (!bad) {
        int next = table.next(at);
        int now = next == FatTable.END ? next : place(next);
        if (at >= end || now != next) {
          table.set(place(at), now);
        }
      }
      if (at >= end) {
        table.set(at, FatTable.FREE);
      }
      if (table.changedPages() > MANY_PAGES) {
        writeTable();
      }
    }
    writeTable();
  }

  private void writeTable() throws IOException {
    for (FatTable.Phase phase : FatTable.Phase.values()) {
      table.write(phase);
    }
  }

  /// Lets every directory's slots name the clusters as they are now.
  private void putDirectories() throws IOException {
    Clusters clusters = new Clusters(front, geometry, table);
    BitSet seen = new BitSet();
    Deque<Integer> directories = new ArrayDeque<>();
    if (geometry.rootCluster() == 0) {
      putSlots(geometry.rootOffset(), geometry.rootBytes(), directories);
    } else {
      directories.add(place(geometry.rootCluster()));
    }
    while (!directories.isEmpty()) {
      boolean more = true;
      for (int cluster : clusters.all(directories.pop(), geometry.clusters())) {
        if (seen.get(cluster)) {
          throw new CorruptImageException(
              "FAT file system: cluster 0x%x is in two directories; run fsck.fat before it is shrunk"
                  .formatted(cluster));
        }
        seen.set(cluster);
        more = more && putSlots(geometry.offset(cluster), geometry.clusterBytes(), directories);
      }
    }
  }

  /// @return false when the directory ends here
  private boolean putSlots(long offset, int length, Deque<Integer> directories) throws IOException {
    byte[] slots = front.readBytes(offset, length);
    boolean differs = false;
    boolean more = true;
    for (int at = 0; more && at < length; at += Slot.BYTES) {
      more = !Slot.isEnd(slots, at);
      boolean file =
          more
              && !Slot.isDeleted(slots, at)
              && !Slot.isLongName(slots, at)
              && !Slot.isLabel(slots, at);
      int first = file ? Slot.cluster(slots, at, geometry.width()) : 0;
      if (first != 0) {
        int now = place(first);
        if (now != first) {
          Slot.putCluster(slots, at, now, geometry.width());
          differs = true;
        }
        if ((Slot.attributes(slots, at) & FatEntry.DIRECTORY) != 0 && !Slot.isDots(slots, at)) {
          directories.push(now);
        }
      }
    }
    if (differs) {
      front.writeBytes(offset, slots);
    }
    return more;
  }

  private void putBoot(long sectors) throws IOException {
    putBoot(0, sectors);
    if (geometry.backupOffset() != 0
        && Geometry.probe(front.readBytes(geometry.backupOffset(), Geometry.BOOT_BYTES))) {
      putBoot(geometry.backupOffset(), sectors);
    }
    FsInfo.write(front, geometry, new FatTable(front, Geometry.load(front)).countFree(), 2);
  }

  private void putBoot(long offset, long sectors) throws IOException {
    byte[] boot = front.readBytes(offset, Geometry.BOOT_BYTES);
    boolean small = geometry.width() != 32 && sectors < 1 << 16;
    LittleEndian.put16(boot, 19, small ? (int) sectors : 0);
    LittleEndian.put32(boot, 32, small ? 0 : sectors);
    if (geometry.width() == 32) {
      LittleEndian.put32(boot, 44, place(geometry.rootCluster()));
    }
    front.writeBytes(offset, boot);
  }
}
