package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.Rearranged;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/// Makes a volume shorter, as a view of its disk: clusters behind the new end lie in free ones
/// before it ([ShrinkPlan]), the records of files tell so ([MovedRecords]), and the boot sector and
/// its copy, the MFT's mirror and $Bitmap are written over. Nothing is written to the disk. Only
/// where clusters have moved is kept, and a bit for each cluster.
///
/// Shadow copies name clusters by their places, and are of the old length, so that they do not
/// survive; the files that held them stay until Windows removes them.
final class Shrink {
  private static final long SHADOW_HEADER = 0x1E00; // libvshadow, "volume header"
  private static final int SHADOW_CATALOG = 0x30;
  private static final byte[] SHADOW_ID = {
    0x6B,
    (byte) 0x87,
    0x08,
    0x38,
    0x76,
    (byte) 0xC1,
    0x48,
    0x4E,
    (byte) 0xB7,
    (byte) 0xAE,
    0x04,
    0x04,
    0x6E,
    0x6C,
    (byte) 0xC7,
    0x52
  };

  private final Volume volume;
  private final BootSector boot;
  private final ShrinkPlan plan;
  private final MovedRecords records;
  private final Rearranged changed;
  private final Disk front;

  private Shrink(Volume volume, ShrinkPlan plan) {
    this.volume = volume;
    this.boot = volume.boot;
    this.plan = plan;
    this.records = new MovedRecords(volume, plan.moves(), plan.changed());
    this.changed = new Rearranged(Disk.owning(records), boot.clusterBits());
    this.front = Disk.owning(changed);
  }

  /// The volume as it is on fewer bytes.
  ///
  /// @param size the most that it may have
  /// @throws NoSpaceException when what is in it does not fit
  /// @throws io.calco.disk.UnsupportedFeatureException when it cannot be shrunk
  static Disk to(Disk disk, long size) throws IOException {
    Volume volume = Volume.load(disk);
    Soundness.require(volume);
    long sectors = size / volume.boot.sectorSize() - 1; // the last one repeats the first
    if (sectors >= volume.boot.sectors()) {
      return disk.slice(0, sizeNow(volume)).readOnly();
    }
    long clusters = clusters(volume.boot, sectors);
    if (clusters < 1) {
      throw new NoSpaceException("NTFS: no cluster fits into %d bytes".formatted(size));
    }
    BitSet occupied = Occupancy.of(volume);
    Shrink shrink = new Shrink(volume, ShrinkPlan.of(volume, occupied, (int) clusters));
    return shrink.run(sectors);
  }

  /// The least size: that of what is in use, and some more where file records have no room for as
  /// many pieces as that leaves.
  static long leastSize(Disk disk) throws IOException {
    Volume volume = Volume.load(disk);
    Soundness.require(volume);
    BootSector boot = volume.boot;
    BitSet occupied = Occupancy.of(volume);
    long content = occupied.cardinality() - volume.file(Volume.BITMAP).data().runs().allocated();
    for (long spare = 0; ; spare = Math.max(16, spare * 2)) {
      long clusters = content + spare;
      clusters += ShrinkPlan.bitmapClusters(boot, clusters + 1);
      clusters = Math.max(clusters, 1);
      if (clusters >= boot.clusters()) {
        return sizeNow(volume);
      }
      try {
        ShrinkPlan.of(volume, occupied, (int) clusters);
        return (clusters << boot.clusterBits()) + boot.sectorSize();
      } catch (NoSpaceException e) {
        // With more to spare.
      }
    }
  }

  private static long clusters(BootSector boot, long sectors) {
    return sectors * boot.sectorSize() >> boot.clusterBits();
  }

  /// With the copy of the boot sector, where there is room for one.
  private static long sizeNow(Volume volume) {
    long size = volume.boot.copyOffset() + volume.boot.sectorSize();
    return size <= volume.disk.size() ? size : volume.boot.copyOffset();
  }

  private Disk run(long sectors) throws IOException {
    for (ClusterMoves.Move move : plan.moves().all()) {
      changed.move(move.from(), move.to(), move.length());
    }
    UnitCache units = new UnitCache(front, boot.clusterBits());
    putBitmap(units);
    RunList mirror = putMirror(units);
    dropShadowCopies();
    putBoot(sectors, mirror);
    return front.slice(0, (sectors + 1) * boot.sectorSize()).readOnly();
  }

  private void putBitmap(UnitCache units) throws IOException {
    RunList runs = plan.bitmapRuns();
    BitSet marks = plan.marks();
    int size = boot.clusterSize();
    for (int cluster = 0; cluster < runs.end(); cluster++) {
      long first = 8L * size * cluster;
      long last = Math.min(first + 8L * size, Integer.MAX_VALUE);
      byte[] bytes = marks.get((int) first, (int) last).toByteArray();
      units.writeRuns(runs, (long) cluster * size, Arrays.copyOf(bytes, size));
    }
  }

  /// Writes what the mirror held of the MFT's first records: four, or a cluster of them.
  ///
  /// @return where it lies
  private RunList putMirror(UnitCache units) throws IOException {
    Content mirror = volume.file(Volume.MIRROR).data();
    int size = boot.recordSize();
    volume.requireWhole(mirror.runs(), "$MFTMirr");
    if (mirror.isResident() || mirror.size() < 4L * size) {
      throw Volume.corrupt("$MFTMirr", Volume.MIRROR, mirror.size(), "four records in clusters");
    }
    RunList runs = plan.moves().applied(mirror.runs());
    long count = Math.min(mirror.size(), Math.max(4L * size, boot.clusterSize())) / size;
    for (long number = 0; number < Math.min(count, volume.mft().units()); number++) {
      byte[] was = new byte[size];
      byte[] copy = new byte[size];
      volume.reader.readRuns(volume.mft().runs(), number * size, MemorySegment.ofArray(was));
      volume.reader.readRuns(mirror.runs(), number * size, MemorySegment.ofArray(copy));
      if (number < 4 || Arrays.equals(was, copy)) {
        units.writeRuns(runs, number * size, records.applied(number, was));
      }
    }
    return runs;
  }

  /// Says that there are none.
  private void dropShadowCopies() throws IOException {
    long end = SHADOW_HEADER + 512;
    if (end > front.size()) {
      return;
    }
    byte[] header = front.readBytes(SHADOW_HEADER, 512);
    if (Arrays.equals(header, 0, SHADOW_ID.length, SHADOW_ID, 0, SHADOW_ID.length)) {
      LittleEndian.put64(header, SHADOW_CATALOG, 0);
      front.writeBytes(SHADOW_HEADER, header);
    }
  }

  private void putBoot(long sectors, RunList mirror) throws IOException {
    byte[] sector = front.readBytes(0, boot.sectorSize());
    try {
      BootSector.parse(sector, front.size());
    } catch (CorruptImageException e) {
      sector = front.readBytes(front.size() - BootSector.SIZE, BootSector.SIZE);
    }
    LittleEndian.put64(sector, 0x28, sectors);
    LittleEndian.put64(sector, 0x30, plan.moves().applied(volume.mft().runs()).place(0));
    LittleEndian.put64(sector, 0x38, mirror.place(0));
    front.writeBytes(0, sector);
    front.writeBytes(sectors * boot.sectorSize(), sector);
  }
}
