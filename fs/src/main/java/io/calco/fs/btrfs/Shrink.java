package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Rearranged;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Shows a file system of one device as it would be on a shorter one. The disk that it is on stays
/// as it is: what changes of the metadata is kept in memory, and of chunks only where they lie.
///
/// Chunks keep their logical addresses, so that only the chunk tree, the device tree and the
/// superblocks change, and where chunks lose their [FreeTails] the block groups and the free space.
/// All that in place: every item keeps its size, and extents of the device, which are keyed by
/// their place, are sorted anew into the slots that they had. So all trees keep their shapes, and
/// their blocks the generations that others say of them, as when btrfstune gives a file system
/// another UUID.
///
/// Nothing here looks at a clock: the same file system becomes the same bytes again.
final class Shrink {
  private static final long HEAD = 1 << 20; // before all chunks

  private final Disk disk;
  private final Volume volume;
  private final DeviceExtents extents;
  private final FreeTails tails;

  private Shrink(Disk disk, Volume volume) throws IOException {
    this.disk = disk;
    this.volume = volume;
    this.extents = DeviceExtents.read(volume);
    this.tails = FreeTails.of(volume);
  }

  /// @throws UnsupportedFeatureException when it has several devices, or copies that need them
  static Shrink of(Disk disk) throws IOException {
    Volume volume = Volume.load(disk);
    if (volume.superblock.devices() != 1) {
      throw new UnsupportedFeatureException(
          "btrfs file system: with %d devices it cannot be shrunk"
              .formatted(volume.superblock.devices()));
    }
    for (Chunk chunk : volume.nodes.chunks().all()) {
      boolean known = chunk.profile().equals("single") || chunk.profile().equals("dup");
      if (!known || !chunk.whole()) {
        throw new UnsupportedFeatureException(
            "btrfs file system: with chunks of the profile %s it cannot be shrunk"
                .formatted(chunk.profile()));
      }
    }
    return new Shrink(disk, volume);
  }

  /// In bytes: what chunks take without what is free at the ends of those that hold files.
  long leastSize() {
    long least = Math.min(extents.leastEnd(), extents.with(tails.lengths()).leastEnd());
    return Math.min(volume.superblock.deviceSize(), least);
  }

  /// The file system on at most `size` bytes.
  ///
  /// @throws LimitExceededException when the chunks do not fit
  Disk to(long size) throws IOException {
    int sector = volume.superblock.sectorSize();
    long end = Math.min(volume.superblock.deviceSize(), size / sector * sector);
    if (end == volume.superblock.deviceSize()) {
      return disk.slice(0, end).readOnly();
    }
    Optional<DeviceExtents.Places> whole = extents.before(end);
    DeviceExtents cut = extents.with(tails.lengths());
    Map<Long, DeviceExtents.Extent> moves =
        whole
            .or(() -> cut.before(end))
            .orElseThrow(() ->
                new LimitExceededException(
                    "btrfs file system: its chunks do not fit in %d bytes".formatted(end)))
            .moves();
    TreeMap<Long, Disk> parts = new TreeMap<>();
    parts.put(0L, disk.slice(0, HEAD));
    moves.forEach((place, now) -> parts.put(now.place(), disk.slice(place, now.length())));
    Disk shrunk =
        Disk.owning(
            new Rearranged(
                Disk.spliced(Disk.blank(end), parts), Integer.numberOfTrailingZeros(sector)));
    Tree.BlockSink sink = sink(shrunk, moves);
    if (whole.isEmpty()) {
      tails.cut(volume, sink);
    }
    write(shrunk, moves, whole.isEmpty() ? extents.bytes() - cut.bytes() : 0, sink);
    return shrunk.readOnly();
  }

  /// Writes blocks into each copy of their chunk.
  private Tree.BlockSink sink(Disk shrunk, Map<Long, DeviceExtents.Extent> moves) {
    return (logical, bytes) -> {
      volume.superblock.checksum().seal(bytes);
      Chunk chunk = volume.nodes.chunks().at(logical);
      for (long copy : chunk.copies()) {
        shrunk.writeBytes(now(moves, copy) + logical - chunk.logical(), bytes);
      }
    };
  }

  /// @param less bytes of the device that chunks take no more
  private void write(
      Disk shrunk, Map<Long, DeviceExtents.Extent> moves, long less, Tree.BlockSink sink)
      throws IOException {
    new Tree(volume.nodes, volume.superblock.chunkTree())
        .change(
            all -> true,
            (leaf, bytes) -> changeChunks(leaf, bytes, shrunk.size(), less, moves),
            sink);
    Iterator<DeviceExtents.Extent> ascending = ascending(moves).values().iterator();
    volume
        .getTree(Keys.DEVICE_TREE)
        .change(all -> true, (leaf, bytes) -> changeExtents(leaf, bytes, ascending), sink);
    Superblock superblock = volume.superblock.with(shrunk.size(), less, place -> now(moves, place));
    for (long place : Superblock.PLACES) {
      if (place + Superblock.SIZE <= shrunk.size()) {
        shrunk.writeBytes(place, superblock.at(place));
      }
    }
  }

  private static NavigableMap<Long, DeviceExtents.Extent> ascending(
      Map<Long, DeviceExtents.Extent> moves) {
    NavigableMap<Long, DeviceExtents.Extent> ascending = new TreeMap<>();
    moves.values().forEach(extent -> ascending.put(extent.place(), extent));
    return ascending;
  }

  private static long now(Map<Long, DeviceExtents.Extent> moves, long place) {
    DeviceExtents.Extent moved = moves.get(place);
    return moved == null ? place : moved.place();
  }

  /// Chunks get their new places, the device its size.
  private void changeChunks(
      Node leaf, byte[] bytes, long size, long less, Map<Long, DeviceExtents.Extent> moves)
      throws CorruptImageException {
    for (int i = 0; i < leaf.count(); i++) {
      int type = Keys.type(bytes, leaf.keyAt(i));
      long object = Keys.objectid(bytes, leaf.keyAt(i));
      int at = leaf.itemAt(i);
      if (object == Keys.CHUNKS && type == Keys.CHUNK_ITEM) {
        Chunk.size(bytes, at, leaf.itemSize(i));
        Chunk.move(bytes, at, place -> now(moves, place));
        Long length = tails.lengths().get(Keys.offset(bytes, leaf.keyAt(i)));
        if (less > 0 && length != null) {
          LittleEndian.put64(bytes, at, length);
        }
      } else if (object == Keys.DEVICE_ITEMS && type == Keys.DEVICE_ITEM) {
        if (leaf.itemSize(i) < 24
            || LittleEndian.s64(bytes, at + 8) != volume.superblock.deviceSize()) {
          throw CorruptImageException.at(
              "btrfs file system",
              "device item in tree block",
              leaf.logical(),
              "another size",
              "the superblock's, " + volume.superblock.deviceSize());
        }
        Superblock.resizeDevice(bytes, at, size, less);
      }
    }
  }

  /// Each slot of an extent gets the next one by its new place.
  private void changeExtents(Node leaf, byte[] bytes, Iterator<DeviceExtents.Extent> ascending)
      throws IOException {
    for (int i = 0; i < leaf.count(); i++) {
      int key = leaf.keyAt(i);
      boolean extent =
          Keys.objectid(bytes, key) == volume.superblock.deviceId()
              && Keys.type(bytes, key) == Keys.DEVICE_EXTENT;
      if (extent) {
        DeviceExtents.Extent next = ascending.next();
        LittleEndian.put64(bytes, key + Keys.OFFSET, next.place());
        next.putItem(bytes, leaf.itemAt(i));
      }
    }
  }
}
