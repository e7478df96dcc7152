package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The b-trees of an allocation group: which of them there are, and the reading of one whole, level
/// by level.
enum GroupTree {
  FREE_BY_PLACE(0x41425442, 0x41423342, 8, 8),
  FREE_BY_SIZE(0x41425443, 0x41423343, 8, 8),
  INODES(0x49414254, 0x49414233, 16, 4),
  FREE_INODES(0x46494254, 0x46494233, 16, 4),
  SHARED(0x52334643, 0x52334643, 12, 4);

  private static final int MAX_LEVELS = 10; // more than a group can need
  static final long NONE = 0xFFFFFFFFL;

  private final int magic4;
  private final int magic5;
  private final int recordSize;
  private final int keySize;

  GroupTree(int magic4, int magic5, int recordSize, int keySize) {
    this.magic4 = magic4;
    this.magic5 = magic5;
    this.recordSize = recordSize;
    this.keySize = keySize;
  }

  int recordSize() {
    return recordSize;
  }

  int keySize() {
    return keySize;
  }

  int magic(Geometry geometry) {
    return geometry.features.v5() ? magic5 : magic4;
  }

  static int header(Geometry geometry) {
    return geometry.features.v5() ? 56 : 16;
  }

  /// Records in a leaf.
  int leafRecords(Geometry geometry) {
    return (geometry.blockSize() - header(geometry)) / recordSize;
  }

  /// Children of a node.
  int nodeRecords(Geometry geometry) {
    return (geometry.blockSize() - header(geometry)) / (keySize + 4);
  }

  /// Takes records.
  @FunctionalInterface
  interface Visitor {
    /// The record's bytes begin at `at`.
    void visit(byte[] block, int at) throws IOException;
  }

  /// Visits all records.
  ///
  /// @param root the root's block in its group
  /// @param levels at least 1
  /// @return the blocks that the tree takes
  List<Long> read(Volume volume, int group, long root, long levels, Visitor visitor)
      throws IOException {
    if (levels < 1 || levels > MAX_LEVELS) {
      throw corrupt(group, levels + " levels", "1 to " + MAX_LEVELS);
    }
    List<Long> all = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    List<Long> level = List.of(root);
    for (int height = (int) levels - 1; height >= 0; height--) {
      List<Long> below = new ArrayList<>();
      for (long at : level) {
        if (!seen.add(at)) {
          throw corrupt(group, "block " + at + " twice", "a tree");
        }
        all.add(at);
        readBlock(volume, group, at, height, below, visitor);
      }
      level = below;
    }
    return all;
  }

  private void readBlock(
      Volume volume, int group, long at, int height, List<Long> below, Visitor visitor)
      throws IOException {
    Geometry geometry = volume.geometry;
    if (at <= 0 || at >= geometry.groupLength(group)) {
      throw corrupt(group, "a reference to block " + at, "one of the group");
    }
    byte[] block =
        volume.blocks.read(
            geometry.linear(group, at),
            (content, offset) ->
                Metadata.SHORT_BTREE.verify(geometry, content, 0, content.length, offset, group));
    int count = BigEndian.u16(block, 6);
    int most = height == 0 ? leafRecords(geometry) : nodeRecords(geometry);
    boolean right = BigEndian.s32(block, 0) == magic(geometry);
    if (!right || BigEndian.u16(block, 4) != height || count > most) {
      throw corrupt(group, "no block of level " + height + " at " + at, "one");
    }
    int header = header(geometry);
    for (int i = 0; i < count; i++) {
      if (height == 0) {
        visitor.visit(block, header + i * recordSize);
      } else {
        below.add(BigEndian.u32(block, header + most * keySize + i * 4));
      }
    }
  }

  CorruptImageException corrupt(int group, Object found, Object expected) {
    return new CorruptImageException(
        "xfs file system: b-tree %s of group %d: found %s, expected %s"
            .formatted(name(), group, found, expected));
  }
}
