package io.calco.fs.btrfs;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/// What is free at the ends of chunks of file data, where the free space tree says so as one
/// extent. A chunk that loses its tail gets another length, which stands in the keys of its block
/// group, of its free space and of that last extent; a mebibyte's part of the extent stays, so that
/// no item comes or goes.
final class FreeTails {
  private static final long UNIT = 1 << 20; // as mkfs.btrfs has it

  /// Lengths that chunks have left, by their first address.
  private final Map<Long, Long> lengths = new HashMap<>();

  /// Lengths that the extents have left with which the tails begin, by their first address.
  private final Map<Long, Long> starts = new HashMap<>();

  private FreeTails() {}

  /// None are known when free space is only known by the extents in use, or when a log awaits
  /// replay: what it refers to counts as free.
  static FreeTails of(Volume volume) throws IOException {
    FreeTails tails = new FreeTails();
    if (volume.superblock.freeSpaceTreeValid() && volume.superblock.logTree().isEmpty()) {
      Tree free = volume.getTree(Keys.FREE_SPACE_TREE);
      for (Chunk chunk : volume.nodes.chunks().all()) {
        Cursor last = free.upTo(chunk.end() - 1, Keys.FREE_SPACE_BITMAP, -1);
        if (chunk.dataOnly() && last.valid() && last.type() == Keys.FREE_SPACE_EXTENT) {
          tails.add(chunk, last.objectid(), last.offset());
        }
      }
    }
    return tails;
  }

  private void add(Chunk chunk, long start, long bytes) {
    if (start >= chunk.logical() && start < chunk.end() && bytes == chunk.end() - start) {
      long kept = Math.floorDiv(start - chunk.logical(), UNIT) * UNIT + UNIT;
      if (kept < chunk.length()) {
        lengths.put(chunk.logical(), kept);
        starts.put(start, chunk.logical() + kept - start);
      }
    }
  }

  /// What chunks have left, by their first address; those without a tail are not among them.
  Map<Long, Long> lengths() {
    return lengths;
  }

  /// Cuts the tails off in the trees of block groups and of free space.
  void cut(Volume volume, Tree.BlockSink sink) throws IOException {
    long groups = volume.superblock.blockGroupTree() ? Keys.BLOCK_GROUP_TREE : Keys.EXTENT_TREE;
    NavigableSet<Long> objects = new TreeSet<>(lengths.keySet());
    volume.getTree(groups).change(range -> overlaps(objects, range), this::cut, sink);
    objects.addAll(starts.keySet());
    volume.getTree(Keys.FREE_SPACE_TREE).change(range -> overlaps(objects, range), this::cut, sink);
  }

  private static boolean overlaps(NavigableSet<Long> objects, Tree.ObjectRange range) {
    if (range.first() < 0) {
      return false; // behind all addresses
    }
    Long next = objects.ceiling(range.first());
    return next != null
        && (range.last().isEmpty() || Long.compareUnsigned(next, range.last().get()) <= 0);
  }

  private void cut(Node leaf, byte[] bytes) {
    for (int i = 0; i < leaf.count(); i++) {
      int key = leaf.keyAt(i);
      long object = Keys.objectid(bytes, key);
      int type = Keys.type(bytes, key);
      Map<Long, Long> changed =
          switch (type) {
            case Keys.BLOCK_GROUP_ITEM, Keys.FREE_SPACE_INFO -> lengths;
            case Keys.FREE_SPACE_EXTENT -> starts;
            default -> Map.of();
          };
      Long length = changed.get(object);
      if (length != null) {
        LittleEndian.put64(bytes, key + Keys.OFFSET, length);
      }
    }
  }
}
