package io.calco.fs.btrfs;

import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileSystem.RunConsumer;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What is in use on this device. The free space tree says what is free in each chunk, where there
/// is one that can be trusted; else the extent tree says what is not. Every copy that the device
/// has of a chunk counts.
///
/// In use without being in either tree: the first mebibyte, which boot loaders write to; the
/// superblock's copies; and what is in the log until it is replayed.
final class UsedSpace {
  private static final long RESERVED = 1 << 20;

  private final Volume volume;

  UsedSpace(Volume volume) {
    this.volume = volume;
  }

  /// Free bytes, as the block groups count them: in them, and outside of any.
  long free() throws IOException {
    long tree = volume.superblock.blockGroupTree() ? Keys.BLOCK_GROUP_TREE : Keys.EXTENT_TREE;
    Tree groups = volume.getTree(tree);
    long used = 0;
    for (Chunk chunk : volume.nodes.chunks().all()) {
      Cursor item = groups.from(chunk.logical(), Keys.BLOCK_GROUP_ITEM, 0);
      boolean counted = item.is(chunk.logical(), Keys.BLOCK_GROUP_ITEM);
      long inChunk = counted ? LittleEndian.s64(item.bytes(), item.at(8)) : 0;
      if (inChunk < 0 || inChunk > chunk.length()) {
        throw item.corrupt(inChunk + " bytes in use", "<= " + chunk.length());
      }
      long part = inChunk / Math.max(1, chunk.length() / chunk.stripeLength());
      used = saturated(used, part * chunk.stripes().size());
    }
    return Math.max(0, volume.superblock.deviceSize() - used);
  }

  private static long saturated(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  void runs(RunConsumer run) throws IOException {
    Runs used = new Runs(volume.superblock.deviceSize());
    used.add(0, RESERVED);
    for (long place : Superblock.PLACES) {
      used.add(place, Superblock.SIZE);
    }
    if (volume.superblock.freeSpaceTreeValid()) {
      addAllButFree(used);
    } else {
      addExtents(used);
    }
    addLogs(used);
    used.forEach(run);
  }

  /// Adds a run of logical addresses, cut into chunks, in each place that this device has of it.
  private void addLogical(Runs used, long logical, long length) throws IOException {
    for (long at = logical; at < logical + length; ) {
      Chunk chunk = volume.nodes.chunks().at(at);
      long end = Math.min(logical + length, chunk.end());
      for (long stripe : chunk.stripes()) {
        if (chunk.whole()) {
          used.add(stripe + (at - chunk.logical()), end - at);
        } else {
          used.add(stripe, chunk.stripeLength());
        }
      }
      at = end;
    }
  }

  private void addAllButFree(Runs used) throws IOException {
    Tree free = volume.getTree(Keys.FREE_SPACE_TREE);
    for (Chunk chunk : volume.nodes.chunks().all()) {
      Cursor item = free.from(chunk.logical(), Keys.FREE_SPACE_INFO, 0);
      long at = chunk.logical();
      if (item.is(chunk.logical(), Keys.FREE_SPACE_INFO)) {
        for (item.next(); isFreeSpace(item, chunk.end()); item.next()) {
          at = addBefore(used, item, at, chunk.end());
        }
      }
      addLogical(used, at, chunk.end() - at);
    }
  }

  private static boolean isFreeSpace(Cursor item, long end) {
    return item.valid()
        && Long.compareUnsigned(item.objectid(), end) < 0
        && (item.type() == Keys.FREE_SPACE_EXTENT || item.type() == Keys.FREE_SPACE_BITMAP);
  }

  /// Adds what is in use between `at` and the end of the run that the item tells of.
  ///
  /// @return where a run begins that goes on behind the item's: it is in use so far
  private long addBefore(Runs used, Cursor item, long at, long chunkEnd) throws IOException {
    long start = item.objectid();
    long length = item.offset();
    if (start < at || length <= 0 || length > chunkEnd - start) {
      throw item.corrupt("free space outside its block group, or twice", "in it, once");
    }
    if (item.type() == Keys.FREE_SPACE_EXTENT) {
      addLogical(used, at, start - at);
      return start + length;
    }
    int sector = volume.superblock.sectorSize();
    long bits = length / sector;
    int map = item.at((int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(bits, 8)));
    long from = at;
    for (int bit = 0; bit < bits; bit++) {
      if ((item.bytes()[map + (bit >> 3)] >> (bit & 7) & 1) != 0) {
        long place = start + (long) bit * sector;
        addLogical(used, from, place - from);
        from = place + sector;
      }
    }
    return from;
  }

  private void addExtents(Runs used) throws IOException {
    long start = 0;
    long end = 0;
    for (Cursor item = volume.getTree(Keys.EXTENT_TREE).all(); item.valid(); item.next()) {
      int type = item.type();
      if (type != Keys.EXTENT_ITEM && type != Keys.METADATA_ITEM) {
        continue;
      }
      long at = item.objectid();
      long length = type == Keys.EXTENT_ITEM ? item.offset() : volume.nodes.nodeSize();
      if (at < end || length <= 0 || length > Long.MAX_VALUE - at) {
        throw item.corrupt("an extent that overlaps the one before", "one behind it");
      }
      if (at > end) {
        addLogical(used, start, end - start);
        start = at;
      }
      end = at + length;
    }
    addLogical(used, start, end - start);
  }

  /// The blocks of the log trees, and the extents that only those refer to.
  private void addLogs(Runs used) throws IOException {
    Optional<TreeRoot> logs = volume.superblock.logTree();
    if (logs.isPresent()) {
      Set<Long> seen = new HashSet<>();
      addBlocks(used, logs.get(), seen);
      Cursor item = new Tree(volume.nodes, logs.get()).from(Keys.TREE_LOGS, Keys.ROOT_ITEM, 0);
      for (; item.is(Keys.TREE_LOGS, Keys.ROOT_ITEM); item.next()) {
        TreeRoot log = RootItem.of(item).tree();
        addBlocks(used, log, seen);
        addFileExtents(used, new Tree(volume.nodes, log));
      }
    }
  }

  private void addBlocks(Runs used, TreeRoot root, Set<Long> seen) throws IOException {
    if (seen.add(root.logical())) {
      addLogical(used, root.logical(), volume.nodes.nodeSize());
      if (root.level() > 0) {
        Node node = volume.nodes.read(root.logical(), root.level(), root.generation());
        for (int i = 0; i < node.count(); i++) {
          TreeRoot below = new TreeRoot(node.child(i), root.level() - 1, node.childGeneration(i));
          addBlocks(used, below, seen);
        }
      }
    }
  }

  private void addFileExtents(Runs used, Tree log) throws IOException {
    for (Cursor item = log.all(); item.valid(); item.next()) {
      if (item.type() == Keys.EXTENT_DATA && item.size() >= Extents.SIZE) {
        long logical = LittleEndian.s64(item.bytes(), item.at() + Extents.LOGICAL_AT);
        long length = LittleEndian.s64(item.bytes(), item.at() + Extents.ON_DISK_AT);
        if (logical < 0 || length < 0 || length > Long.MAX_VALUE - logical) {
          throw item.corrupt(
              "an extent of %d bytes at %d".formatted(length, logical), "one that fits");
        }
        if (logical != 0) {
          addLogical(used, logical, length);
        }
      }
    }
  }
}
