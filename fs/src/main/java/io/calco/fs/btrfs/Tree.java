package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;

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

  /// Writes leaves over, in their order; of the blocks above only keys change.
  ///
  /// @param objects only leaves that may hold items of these are visited
  /// @param sink takes the blocks that differ, their sums not yet right
  void change(Predicate<ObjectRange> objects, LeafChange change, BlockSink sink)
      throws IOException {
    change(root, Optional.empty(), objects, change, sink);
  }

  /// Numbers of objects, compared unsigned.
  ///
  /// @param last empty when there is no end
  record ObjectRange(long first, Optional<Long> last) {}

  /// @param limit a block and where in it the key stands that all of this one's are less than
  /// @return the block with its first key
  private byte[] change(
      TreeRoot at,
      Optional<Limit> limit,
      Predicate<ObjectRange> objects,
      LeafChange change,
      BlockSink sink)
      throws IOException {
    Node node = nodes.read(at.logical(), at.level(), at.generation());
    requireBelow(node, limit);
    byte[] bytes = node.bytes().clone();
    if (at.level() == 0) {
      change.apply(node, bytes);
    }
    for (int i = 0; at.level() > 0 && i < node.count(); i++) {
      Optional<Limit> next =
          i + 1 < node.count() ? Optional.of(new Limit(node, node.keyAt(i + 1))) : limit;
      ObjectRange range =
          new ObjectRange(
              Keys.objectid(node.bytes(), node.keyAt(i)),
              next.map(end -> Keys.objectid(end.node().bytes(), end.key())));
      if (objects.test(range)) {
        TreeRoot child = new TreeRoot(node.child(i), at.level() - 1, node.childGeneration(i));
        requireFirst(node, i, nodes.read(child.logical(), child.level(), child.generation()));
        byte[] below = change(child, next, objects, change, sink);
        System.arraycopy(below, node.keyAt(0), bytes, node.keyAt(i), Keys.SIZE);
      }
    }
    if (!Arrays.equals(bytes, node.bytes())) {
      sink.put(at.logical(), bytes);
    }
    return bytes;
  }

  private record Limit(Node node, int key) {}

  /// So no walk comes to a block twice.
  private static void requireBelow(Node node, Optional<Limit> limit) throws CorruptImageException {
    if (limit.isPresent() && node.count() > 0) {
      int last = node.keyAt(node.count() - 1);
      byte[] end = limit.get().node().bytes();
      if (Keys.compare(node.bytes(), last, end, limit.get().key()) >= 0) {
        throw keys(node, "less than " + Keys.text(end, limit.get().key()));
      }
    }
  }

  private static void requireFirst(Node parent, int slot, Node child) throws CorruptImageException {
    int key = parent.keyAt(slot);
    if (child.count() == 0
        || Keys.compare(child.bytes(), child.keyAt(0), parent.bytes(), key) != 0) {
      throw keys(child, "from %s on".formatted(Keys.text(parent.bytes(), key)));
    }
  }

  private static CorruptImageException keys(Node node, String expected) {
    return CorruptImageException.at(
        "btrfs file system", "tree block, its keys", node.logical(), "others", expected);
  }

  /// At the first item.
  Cursor all() throws IOException {
    return from(0, 0, 0);
  }
}
