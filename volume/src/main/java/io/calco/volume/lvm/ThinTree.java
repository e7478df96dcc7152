package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/// The B+trees in a thin pool's metadata, from 64-bit numbers to 64-bit numbers. Nodes read lately
/// are kept, at most 4 MiB of them.
///
/// Source: the kernel's drivers/md/persistent-data/dm-btree-internal.h. Thread rule: safe for
/// several threads at once.
final class ThinTree {
  static final int BLOCK = 4096;
  private static final int SUM_SALT = 121_107;
  private static final int HEADER = 32;
  private static final int PLACE = 8;
  private static final int ENTRIES = 16;
  private static final int MAX_ENTRIES = 20;
  private static final int VALUE_SIZE = 24;
  private static final int INTERNAL = 1;
  private static final int LEAF = 2;
  private static final int MAX_DEPTH = 17; // spec: the kernel's own limit
  private static final int NODES_KEPT = 1024;

  private final Disk disk;
  private final Map<Long, Node> nodes = new LinkedHashMap<>(16, 0.75f, true);

  ThinTree(Disk disk) {
    this.disk = disk;
  }

  /// What a tree has for a key.
  ///
  /// @param value empty when it has nothing
  /// @param next no key lies between the one asked for and this
  record Found(OptionalLong value, long next) {}

  private static final class Node {
    private final byte[] block;
    private final boolean leaf;
    private final int entries;
    private final int maxEntries;

    Node(byte[] block, boolean leaf, int entries, int maxEntries) {
      this.block = block;
      this.leaf = leaf;
      this.entries = entries;
      this.maxEntries = maxEntries;
    }

    long key(int i) {
      return LittleEndian.s64(block, HEADER + i * Long.BYTES);
    }

    long value(int i) {
      return LittleEndian.s64(block, HEADER + (maxEntries + i) * Long.BYTES);
    }

    /// The last entry whose key is not above `key`; −1 when all are.
    int lastUpTo(long key) {
      int low = 0;
      int high = entries;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (key(middle) <= key) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low - 1;
    }
  }

  /// Looks a key up.
  ///
  /// @param root the block of the tree's root
  /// @param key 0 or more
  Found find(long root, long key) throws IOException {
    long place = root;
    long next = Long.MAX_VALUE;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      Node node = node(place);
      int i = node.lastUpTo(key);
      if (i + 1 < node.entries) {
        next = Math.min(next, node.key(i + 1));
      }
      if (i < 0) {
        return new Found(OptionalLong.empty(), next);
      }
      if (node.leaf) {
        boolean there = node.key(i) == key;
        return new Found(there ? OptionalLong.of(node.value(i)) : OptionalLong.empty(), next);
      }
      place = node.value(i);
    }
    throw new LimitExceededException(
        "LVM2: thin pool: a tree more than %d deep".formatted(MAX_DEPTH));
  }

  private synchronized Node node(long place) throws IOException {
    Node known = nodes.get(place);
    if (known == null) {
      known = read(place);
      if (nodes.size() == NODES_KEPT) {
        nodes.remove(nodes.keySet().iterator().next());
      }
      nodes.put(place, known);
    }
    return known;
  }

  private Node read(long place) throws IOException {
    if (place < 1 || place >= disk.size() / BLOCK) {
      throw new CorruptImageException(
          "LVM2: thin pool: found a tree's node at block %d, expected 1 to %d"
              .formatted(place, disk.size() / BLOCK - 1));
    }
    byte[] block = disk.readBytes(place * BLOCK, BLOCK);
    int sum = Crc32c.update(-1, block, 4, BLOCK - 4) ^ SUM_SALT;
    long flags = LittleEndian.u32(block, 4);
    long entries = LittleEndian.u32(block, ENTRIES);
    long max = LittleEndian.u32(block, MAX_ENTRIES);
    if (LittleEndian.s32(block, 0) != sum || LittleEndian.s64(block, PLACE) != place) {
      throw wrong(place, "its checksum or number");
    }
    if (flags != INTERNAL && flags != LEAF || LittleEndian.u32(block, VALUE_SIZE) != Long.BYTES) {
      throw wrong(place, "its kind");
    }
    if (entries > max || max > (BLOCK - HEADER) / (2 * Long.BYTES)) {
      throw wrong(place, "its count of entries");
    }
    Node node = new Node(block, flags == LEAF, (int) entries, (int) max);
    for (int i = 0; i < entries; i++) {
      if (node.key(i) < 0 || i > 0 && node.key(i) <= node.key(i - 1)) {
        throw wrong(place, "the order of its keys");
      }
    }
    return node;
  }

  private static CorruptImageException wrong(long place, String what) {
    return new CorruptImageException(
        "LVM2: thin pool: node at 0x%x of the metadata: %s is wrong"
            .formatted(place * BLOCK, what));
  }
}
