package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A place in a tree: at one of its items, before the first, or behind the last.
///
/// Whatever the blocks hold, a walk ends: each block is one level below the one that points to it,
/// begins with the pointer's key, and ends before the next pointer's, so that none comes twice.
final class Cursor {
  private final Tree tree;
  private final @Nullable Node[] path;
  private final int[] slots;

  Cursor(Tree tree) {
    this.tree = tree;
    this.path = new Node[tree.root().level() + 1];
    this.slots = new int[tree.root().level() + 1];
  }

  /// Goes to the last item whose key is not more than one.
  void seek(long objectid, int type, long offset) throws IOException {
    TreeRoot root = tree.root();
    path[root.level()] = tree.nodes().read(root.logical(), root.level(), root.generation());
    for (int level = root.level(); level >= 0; level--) {
      int floor = node(level).floor(objectid, type, offset);
      slots[level] = level == 0 ? floor : Math.max(0, floor);
      if (level > 0) {
        descend(level);
      }
    }
  }

  private Node node(int level) {
    return java.util.Objects.requireNonNull(path[level]);
  }

  /// Reads the block below, which the slot of `level` points to.
  private void descend(int level) throws IOException {
    Node parent = node(level);
    int slot = slots[level];
    if (parent.count() == 0) {
      throw CorruptImageException.at(
          "btrfs file system", "tree block, nritems", parent.logical(), 0, "1 or more");
    }
    long logical = parent.child(slot);
    Node child = tree.nodes().read(logical, level - 1, parent.childGeneration(slot));
    int key = parent.keyAt(slot);
    boolean begins =
        child.count() > 0 && Keys.compare(child.bytes(), child.keyAt(0), parent.bytes(), key) == 0;
    if (!begins || !endsBeforeNext(child, level)) {
      throw CorruptImageException.at(
          "btrfs file system",
          "tree block, its keys",
          logical,
          "others",
          "from %s up to the next pointer's".formatted(Keys.text(parent.bytes(), key)));
    }
    path[level - 1] = child;
  }

  /// True when the block's last key is less than that of the pointer after the one to it.
  private boolean endsBeforeNext(Node child, int parentLevel) {
    int last = child.keyAt(child.count() - 1);
    for (int level = parentLevel; level < path.length; level++) {
      Node above = node(level);
      if (slots[level] + 1 < above.count()) {
        int next = above.keyAt(slots[level] + 1);
        return Keys.compare(child.bytes(), last, above.bytes(), next) < 0;
      }
    }
    return true;
  }

  /// Goes to the next item.
  void next() throws IOException {
    int level = 0;
    while (++slots[level] >= node(level).count()) {
      if (++level == path.length) {
        return;
      }
    }
    for (; level > 0; level--) {
      descend(level);
      slots[level - 1] = 0;
    }
  }

  /// True when it is at an item.
  boolean valid() {
    return slots[0] >= 0 && slots[0] < node(0).count();
  }

  /// True when it is at an item of that object and type.
  boolean is(long objectid, int type) {
    return valid() && objectid() == objectid && type() == type;
  }

  long objectid() {
    return Keys.objectid(bytes(), node(0).keyAt(slots[0]));
  }

  int type() {
    return Keys.type(bytes(), node(0).keyAt(slots[0]));
  }

  /// The key's third number.
  long offset() {
    return Keys.offset(bytes(), node(0).keyAt(slots[0]));
  }

  /// The array that the item lies in.
  byte[] bytes() {
    return node(0).bytes();
  }

  /// Where in [#bytes] the item begins.
  int at() {
    return node(0).itemAt(slots[0]);
  }

  /// Bytes in the item.
  int size() {
    return node(0).itemSize(slots[0]);
  }

  /// Where in [#bytes] the item begins, when it has so many bytes.
  int at(int least) throws CorruptImageException {
    if (size() < least) {
      throw corrupt(size() + " bytes", least + " or more");
    }
    return at();
  }

  /// For throwing: the item does not hold what it must.
  CorruptImageException corrupt(Object found, Object expected) {
    return CorruptImageException.at(
        "btrfs file system",
        "item " + Keys.text(bytes(), node(0).keyAt(slots[0])) + " in tree block",
        node(0).logical(),
        found,
        expected);
  }
}
