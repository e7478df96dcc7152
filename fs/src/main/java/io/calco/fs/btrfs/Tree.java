package io.calco.fs.btrfs;

import java.io.IOException;
import java.util.Arrays;

/// A tree of items in the order of their keys.
///
/// @param nodes where its blocks are read
/// @param root where it begins
record Tree(Nodes nodes, TreeRoot root) {

  /// At the first item whose key is not less.
  Cursor from(long objectid, int type, long offset) throws IOException {
    Cursor cursor = new Cursor(this);
    cursor.seek(objectid, type, offset);
    if (!cursor.is(objectid, type) || cursor.offset() != offset) {
      cursor.next();
    }
    return cursor;
  }

  /// At the last item whose key is not more.
  Cursor upTo(long objectid, int type, long offset) throws IOException {
    Cursor cursor = new Cursor(this);
    cursor.seek(objectid, type, offset);
    return cursor;
  }

  /// Changes a leaf's items in place.
  @FunctionalInterface
  interface LeafChange {
    /// @param leaf as it is
    /// @param bytes a copy of it, to be written over; no item's size changes
    void apply(Node leaf, byte[] bytes) throws IOException;
  }

  /// Takes a block as it is to be.
  @FunctionalInterface
  interface BlockSink {
    void put(long logical, byte[] bytes) throws IOException;
  }

  /// Writes the tree's leaves over, in their order; of the blocks above only keys change.
  ///
  /// @param sink takes the blocks that differ, their sums not yet right
  void change(LeafChange change, BlockSink sink) throws IOException {
    for (Cursor item = all(); item.valid(); item.next()) {
      // A walk that ends: no block comes twice.
    }
    change(root, change, sink);
  }

  /// @return the block with its first key
  private byte[] change(TreeRoot at, LeafChange change, BlockSink sink) throws IOException {
    Node node = nodes.read(at.logical(), at.level(), at.generation());
    byte[] bytes = node.bytes().clone();
    if (at.level() == 0) {
      change.apply(node, bytes);
    } else {
      for (int i = 0; i < node.count(); i++) {
        TreeRoot child = new TreeRoot(node.child(i), at.level() - 1, node.childGeneration(i));
        byte[] below = change(child, change, sink);
        System.arraycopy(below, node.keyAt(0), bytes, node.keyAt(i), Keys.SIZE);
      }
    }
    if (!Arrays.equals(bytes, node.bytes())) {
      sink.put(at.logical(), bytes);
    }
    return bytes;
  }

  /// At the first item.
  Cursor all() throws IOException {
    return from(0, 0, 0);
  }
}
