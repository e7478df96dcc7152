package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Brings what has changed to the disk, so that a cut anywhere leaves nothing worse than clusters
/// and records that are marked as used and belong to no file.
///
/// In this order, each step on the medium before the next: the mark that the volume is dirty, once;
/// every bit that was or is to be set in a bitmap, and what lies in places that nothing refers to
/// yet; the MFT's own records; the other records and index blocks, of lower rank first; records
/// that are free now; the bitmaps as they are to be.
final class Commit {
  /// The rank of what lies in places that nothing refers to yet.
  static final int FRESH = 0;

  /// The rank of the records that tell where the MFT lies.
  static final int MFT = 1;

  /// The rank of other records and of index blocks; where names move between blocks of one index,
  /// the block's depth is added, so that a name is in its new place before it leaves the old one.
  static final int USED = 2;

  /// The rank of records that are no file's any more.
  static final int FREED = 100;

  private final Volume volume;
  private final int mirrored;
  private boolean dirty;

  Commit(Volume volume) throws IOException {
    this.volume = volume;
    long copies = volume.file(Volume.MIRROR).data().size() / volume.boot.recordSize();
    boolean there =
        volume.boot.mirrorCluster() >= 0
            && volume.boot.mirrorCluster() <= volume.boot.clusters() - 1;
    this.mirrored = there ? Math.clamp(copies, 0, 4) : 0;
  }

  /// Writes all changes; returns when they are on the medium.
  void write() throws IOException {
    List<UnitCache.Changed> changes = new ArrayList<>(volume.units.changed().values());
    if (changes.isEmpty()) {
      volume.disk.sync();
      return;
    }
    if (!dirty) {
      mark(true);
      dirty = true;
    }
    changes.sort(
        Comparator.comparingInt(UnitCache.Changed::rank)
            .thenComparingLong(change -> change.stream().id().file())
            .thenComparingLong(UnitCache.Changed::number));
    for (UnitCache.Changed change : changes) {
      if (change.stream().isBitmap()) {
        writeBitmap(change, true);
      }
    }
    int rank = FRESH;
    for (UnitCache.Changed change : changes) {
      if (!change.stream().isBitmap()) {
        if (change.rank() != rank) {
          volume.disk.sync();
          rank = change.rank();
        }
        write(change);
      }
    }
    volume.disk.sync();
    for (UnitCache.Changed change : changes) {
      if (change.stream().isBitmap()) {
        writeBitmap(change, false);
      }
    }
    volume.disk.sync();
    volume.units.written();
  }

  private void write(UnitCache.Changed change) throws IOException {
    UnitStream stream = change.stream();
    byte[] sealed = Fixups.sealed(change.content());
    volume.units.writeRuns(stream.runs(), change.number() * stream.unitSize(), sealed);
    boolean record = stream.id().equals(volume.mft().id());
    if (record && change.number() < mirrored) {
      volume.disk.writeBytes(mirrorOffset(change.number()), sealed);
    }
  }

  private long mirrorOffset(long number) {
    return (volume.boot.mirrorCluster() << volume.boot.clusterBits())
        + number * volume.boot.recordSize();
  }

  private void writeBitmap(UnitCache.Changed change, boolean withOld) throws IOException {
    UnitStream stream = change.stream();
    long offset = change.number() * stream.unitSize();
    byte[] page =
        Arrays.copyOf(
            change.content(), (int) Math.min(stream.unitSize(), stream.length() - offset));
    for (int i = 0; withOld && i < page.length; i++) {
      page[i] |= change.committed()[i];
    }
    volume.units.writeRuns(stream.runs(), offset, page);
  }

  /// Marks the volume as dirty, or as in order.
  private void mark(boolean asDirty) throws IOException {
    byte[] record = volume.units.read(volume.mft(), Volume.VOLUME).clone();
    for (Attribute attribute : MftRecord.parse(Volume.VOLUME, record).attributes()) {
      if (attribute.is(AttributeType.VOLUME_INFORMATION, "")) {
        int at = attribute.valueAt() + 10;
        int flags = LittleEndian.u16(record, at) & ~Volume.DIRTY;
        LittleEndian.put16(record, at, asDirty ? flags | Volume.DIRTY : flags);
      }
    }
    byte[] sealed = Fixups.sealed(record);
    UnitStream mft = volume.mft();
    volume.units.writeRuns(mft.runs(), Volume.VOLUME * mft.unitSize(), sealed);
    if (Volume.VOLUME < mirrored) {
      volume.disk.writeBytes(mirrorOffset(Volume.VOLUME), sealed);
    }
    volume.units.forget(mft.id());
    volume.disk.sync();
  }

  /// Writes all changes and takes the mark back.
  void finish() throws IOException {
    write();
    if (dirty) {
      mark(false);
      dirty = false;
    }
  }
}
