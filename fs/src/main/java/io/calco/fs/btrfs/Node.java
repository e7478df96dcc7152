package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;

/// A tree block: a leaf with items, or keys that point to blocks one level below. Its keys ascend,
/// and its items lie in it.
final class Node {
  private static final int HEADER = 101;
  private static final int ITEM = 25;
  private static final int POINTER = 33;

  private final byte[] bytes;
  private final int level;
  private final int count;

  private Node(byte[] bytes) {
    this.bytes = bytes;
    this.level = bytes[100] & 0xFF;
    this.count = LittleEndian.s32(bytes, 96);
  }

  /// Reads a block whose checksum was verified.
  static Node of(byte[] bytes) throws CorruptImageException {
    Node node = new Node(bytes);
    if (node.level > Superblock.MAX_LEVEL) {
      throw node.corrupt("level", node.level, "<= 7");
    }
    int most = (bytes.length - HEADER) / node.stride();
    if (node.count < 0 || node.count > most) {
      throw node.corrupt("nritems", node.count, "<= " + most);
    }
    for (int i = 1; i < node.count; i++) {
      if (Keys.compare(bytes, node.keyAt(i - 1), bytes, node.keyAt(i)) >= 0) {
        throw node.corrupt("key " + i, Keys.text(bytes, node.keyAt(i)), "more than the last");
      }
    }
    for (int i = 0; node.level == 0 && i < node.count; i++) {
      long from = HEADER + LittleEndian.u32(bytes, node.keyAt(i) + Keys.SIZE);
      long end = from + LittleEndian.u32(bytes, node.keyAt(i) + Keys.SIZE + 4);
      if (end > bytes.length) {
        throw node.corrupt("item " + i, "its end at " + end, "<= " + bytes.length);
      }
    }
    return node;
  }

  private CorruptImageException corrupt(String field, Object found, Object expected) {
    return CorruptImageException.at(
        "btrfs file system", "tree block, " + field, logical(), found, expected);
  }

  private int stride() {
    return level == 0 ? ITEM : POINTER;
  }

  byte[] bytes() {
    return bytes;
  }

  /// The block's own address.
  long logical() {
    return LittleEndian.s64(bytes, 48);
  }

  long generation() {
    return LittleEndian.s64(bytes, 80);
  }

  int level() {
    return level;
  }

  /// Items, or pointers.
  int count() {
    return count;
  }

  /// Where the key of a slot stands.
  int keyAt(int slot) {
    return HEADER + slot * stride();
  }

  /// Where a leaf's item begins.
  int itemAt(int slot) {
    return HEADER + LittleEndian.s32(bytes, keyAt(slot) + Keys.SIZE);
  }

  /// Bytes in a leaf's item.
  int itemSize(int slot) {
    return LittleEndian.s32(bytes, keyAt(slot) + Keys.SIZE + 4);
  }

  /// The block that a slot points to.
  long child(int slot) {
    return LittleEndian.s64(bytes, keyAt(slot) + Keys.SIZE);
  }

  /// The transaction that wrote that block.
  long childGeneration(int slot) {
    return LittleEndian.s64(bytes, keyAt(slot) + Keys.SIZE + 8);
  }

  /// The last slot whose key is not more than one; −1 when all are.
  int floor(long objectid, int type, long offset) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Keys.compare(bytes, keyAt(middle), objectid, type, offset) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }
}
