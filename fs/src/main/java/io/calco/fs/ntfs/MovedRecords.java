package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.ReadOnlyDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// A volume's disk on which file records name the places that clusters have moved to. They are made
/// out whenever they are read, so that no changed record is kept in memory; the MFT itself is where
/// it was. Leaves the disk below open.
final class MovedRecords extends ReadOnlyDriver {
  private final Disk disk;
  private final UnitStream mft;
  private final int clusterBits;
  private final long clusters;
  private final ClusterMoves moves;
  private final Map<Long, byte[]> changed;
  private final ContentReader reader;

  /// The MFT's runs by where they lie.
  private final TreeMap<Long, Integer> places = new TreeMap<>();

  /// @param changed records that have more changed than places, by number, not sealed
  MovedRecords(Volume volume, ClusterMoves moves, Map<Long, byte[]> changed) {
    this.disk = volume.disk;
    this.mft = volume.mft();
    this.clusterBits = volume.boot.clusterBits();
    this.clusters = volume.boot.clusters();
    this.moves = moves;
    this.changed = changed;
    this.reader = new ContentReader(disk, clusterBits);
    for (int run = 0; run < mft.runs().count(); run++) {
      places.put(mft.runs().place(run) << clusterBits, run);
    }
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    return disk.extentAt(offset, maxLength);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    disk.read(offset, dst);
    long end = offset + dst.byteSize();
    Long first = places.floorKey(offset);
    for (Map.Entry<Long, Integer> entry :
        places.subMap(first == null ? offset : first, end).entrySet()) {
      RunList runs = mft.runs();
      int run = entry.getValue();
      long from = Math.max(offset, entry.getKey());
      long to = Math.min(end, entry.getKey() + (runs.length(run) << clusterBits));
      long shift = (runs.start(run) << clusterBits) - entry.getKey(); // to a place in the MFT
      long last = Math.min(to + shift, mft.length());
      for (long at = from + shift; at < last; ) {
        long number = at / mft.unitSize();
        long next = Math.min(last, (number + 1) * mft.unitSize());
        put(number, at, dst.asSlice(at - shift - offset, next - at));
        at = next;
      }
    }
  }

  /// Puts a part of a record, as it is now, where the disk's is.
  ///
  /// @param at the part's place in the MFT
  private void put(long number, long at, MemorySegment part) throws IOException {
    int size = mft.unitSize();
    byte[] record = new byte[size];
    if (part.byteSize() == size) {
      MemorySegment.ofArray(record).copyFrom(part);
    } else {
      reader.readRuns(mft.runs(), number * size, MemorySegment.ofArray(record));
    }
    MemorySegment now = MemorySegment.ofArray(applied(number, record));
    part.copyFrom(now.asSlice(at - number * size, part.byteSize()));
  }

  /// A record as it is now.
  ///
  /// @param sealed as it is on the disk
  /// @return sealed; the same array when nothing changes
  byte[] applied(long number, byte[] sealed) throws IOException {
    byte[] given = changed.get(number);
    if (given != null) {
      return Fixups.sealed(given.clone());
    }
    MftRecord record;
    try {
      byte[] bytes = sealed.clone();
      Fixups.remove(bytes, Fixups.FILE, number * mft.unitSize());
      record = MftRecord.parse(number, bytes);
    } catch (CorruptImageException e) {
      return sealed; // in no use: that was looked at before
    }
    Map<Integer, RecordRuns.Extent> extents = new HashMap<>();
    for (Attribute attribute : record.attributes()) {
      if (record.isInUse() && !attribute.isResident()) {
        RunList runs = attribute.runs(clusters);
        if (moves.touch(runs)) {
          extents.put(attribute.at(), new RecordRuns.Extent(moves.applied(runs)));
        }
      }
    }
    return extents.isEmpty() ? sealed : Fixups.sealed(RecordRuns.rewritten(record, extents));
  }
}
