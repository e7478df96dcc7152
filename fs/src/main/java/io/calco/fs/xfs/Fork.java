package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Where one of an inode's two forks keeps its blocks: a list of extents in the inode, or a b-tree
/// of them.
final class Fork {
  /// The most extents that are held in memory, ours.
  private static final int MAX_EXTENTS = 1 << 21;

  private static final int MAX_LEVELS = 9; // more than 2⁴⁸ extents need
  private static final int MAGIC_4 = 0x424D4150;
  private static final int MAGIC_5 = 0x424D4133;

  private final Volume volume;
  private final Inode inode;
  private final List<Extent> extents = new ArrayList<>();
  private final List<Long> treeBlocks = new ArrayList<>();
  private long next;

  private Fork(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
  }

  /// What a fork holds.
  ///
  /// @param extents ascending, without overlap
  /// @param treeBlocks fsblocks of the b-tree that holds them
  record Content(ExtentList extents, List<Long> treeBlocks) {}

  /// The data fork's blocks; empty when its data stands in the inode.
  static Content data(Volume volume, Inode inode) throws IOException {
    if ((inode.flags() & Inode.FLAG_REALTIME) != 0) {
      throw new io.calco.disk.UnsupportedFeatureException(
          "xfs file system: inode %d: its data is on a realtime device".formatted(inode.number()));
    }
    return new Fork(volume, inode)
        .load(inode.format(), inode.coreSize(), inode.dataForkSize(), inode.dataExtents());
  }

  /// The attribute fork's blocks.
  static Content attributes(Volume volume, Inode inode) throws IOException {
    if (!inode.hasAttributes()) {
      return new Content(new ExtentList(List.of()), List.of());
    }
    return new Fork(volume, inode)
        .load(
            inode.attributeFormat(),
            inode.attributeForkAt(),
            inode.attributeForkSize(),
            inode.attributeExtents());
  }

  private Content load(int format, int at, int size, long count) throws IOException {
    if (format == Inode.EXTENTS) {
      if (count > size / Extent.SIZE) {
        throw corrupt(count + " extents in the inode", "at most " + size / Extent.SIZE);
      }
      for (int i = 0; i < count; i++) {
        add(Extent.parse(inode.raw(), at + i * Extent.SIZE));
      }
    } else if (format == Inode.BTREE) {
      byte[] raw = inode.raw();
      int level = BigEndian.u16(raw, at);
      int records = BigEndian.u16(raw, at + 2);
      int most = (size - 4) / 16;
      if (level == 0 || level > MAX_LEVELS || records == 0 || records > most) {
        throw corrupt(
            "a root of level %d with %d entries".formatted(level, records), "a sound one");
      }
      for (int i = 0; i < records; i++) {
        walk(BigEndian.s64(raw, at + 4 + most * 8 + i * 8), level - 1);
      }
      if (extents.size() != count) {
        throw corrupt(extents.size() + " extents in the tree", count);
      }
    }
    return new Content(new ExtentList(extents), treeBlocks);
  }

  private CorruptImageException corrupt(Object found, Object expected) {
    return new CorruptImageException(
        "xfs file system: block map of inode %d: found %s, expected %s"
            .formatted(inode.number(), found, expected));
  }

  private void add(Extent extent) throws IOException {
    if (extent.count() == 0
        || extent.offset() < next
        || extent.end() > 1L << 54
        || !volume.geometry.holds(extent.start(), extent.count())) {
      throw corrupt(extent, "one in the file system, after offset " + next);
    }
    if (extents.size() == MAX_EXTENTS) {
      throw new LimitExceededException(
          "xfs file system: inode %d: more than %d extents".formatted(inode.number(), MAX_EXTENTS));
    }
    next = extent.end();
    extents.add(extent);
  }

  /// Every leaf holds an extent, and extents ascend: no block can be visited twice.
  private void walk(long fsblock, int level) throws IOException {
    if (!volume.geometry.holds(fsblock, 1)) {
      throw corrupt("a reference to block " + fsblock, "one in the file system");
    }
    Geometry geometry = volume.geometry;
    boolean v5 = geometry.features.v5();
    int header = v5 ? 72 : 24;
    byte[] block =
        volume.blocks.read(
            geometry.linear(fsblock),
            (content, offset) ->
                Metadata.LONG_BTREE.verify(
                    geometry, content, 0, content.length, offset, inode.number()));
    int records = BigEndian.u16(block, 6);
    int most = (block.length - header) / Extent.SIZE;
    if (BigEndian.s32(block, 0) != (v5 ? MAGIC_5 : MAGIC_4)
        || BigEndian.u16(block, 4) != level
        || records == 0
        || records > most) {
      throw corrupt("no b-tree block of level " + level, "one");
    }
    treeBlocks.add(fsblock);
    for (int i = 0; i < records; i++) {
      if (level == 0) {
        add(Extent.parse(block, header + i * Extent.SIZE));
      } else {
        walk(BigEndian.s64(block, header + most * 8 + i * 8), level - 1);
      }
    }
  }
}
