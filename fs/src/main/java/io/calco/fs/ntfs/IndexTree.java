package io.calco.fs.ntfs;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// One index of a file, to be changed: entries come and go, blocks split, empty ones leave.
final class IndexTree {
  private static final int MAX_DEPTH = 24; // ours
  private static final int ROOT = -1;
  private static final int ROOT_ENTRIES = 0x20;
  private static final int LAST_SIZE = 0x10;

  private final Changes changes;
  private final EditedFile file;
  private final String name;
  private final Collation collation;
  private final IndexBlocks blocks;

  /// A node on the way to an entry.
  ///
  /// @param block its block; -1 for the root
  /// @param entry which of its entries
  private record Step(long block, int entry) {}

  /// A place between two keys, where a leaf may have become empty.
  ///
  /// @param key a key, or one that was there
  /// @param after the place is behind it; else before it
  record Gap(Key key, boolean after) {}

  /// A key's bytes.
  static final class Key {
    private final byte[] bytes;

    Key(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /// An index one of whose leaves is empty.
  ///
  /// @param file its file's number
  /// @param name its name
  /// @param collation its order
  /// @param gap where the leaf is
  record Emptied(long file, String name, Collation collation, Gap gap) {}

  IndexTree(Changes changes, EditedFile file, String name, Collation collation) throws IOException {
    this.changes = changes;
    this.file = file;
    this.name = name;
    this.collation = collation;
    byte[] root = rootValue();
    int size = root.length < ROOT_ENTRIES ? 0 : LittleEndian.s32(root, 8);
    if (size < 512 || size > 1 << 16 || Integer.bitCount(size) != 1) {
      throw Volume.corrupt("index " + name, file.number(), size, "a block's size");
    }
    this.blocks = new IndexBlocks(changes, file, name, size);
  }

  /// The names in a directory.
  static IndexTree names(Changes changes, long directory) throws IOException {
    EditedFile file = changes.file(directory);
    return new IndexTree(changes, file, FileIndex.NAMES, Collation.names(changes.volume.upCase()));
  }

  private byte[] rootValue() throws IOException {
    return file.find(AttributeType.INDEX_ROOT, name)
        .map(EditedFile.Item::content)
        .filter(Content::isResident)
        .orElseThrow(() -> Volume.corrupt("index " + name, file.number(), "no root", "one"))
        .value();
  }

  private IndexNode node(long block) throws IOException {
    if (block != ROOT) {
      return blocks.read(block);
    }
    byte[] root = rootValue();
    return IndexNode.parse(
        root, IndexNode.ROOT_HEADER_AT, root.length, name.equals(FileIndex.NAMES));
  }

  private static List<byte[]> entries(IndexNode node) {
    List<byte[]> entries = new ArrayList<>();
    for (int i = 0; i < node.count(); i++) {
      entries.add(node.entry(i));
    }
    return entries;
  }

  /// The way to the entry of this key or, when there is none, to where it would be in a leaf.
  private List<Step> descend(byte[] key, boolean[] found) throws IOException {
    List<Step> path = new ArrayList<>();
    long block = ROOT;
    int[] order = {0};
    while (path.size() <= MAX_DEPTH) {
      IndexNode node = node(block);
      int at = node.search(key, collation, order);
      path.add(new Step(block, at));
      found[0] = order[0] == 0 && !node.isLast(at);
      if (found[0] || !node.hasChild(at)) {
        return path;
      }
      block = blocks.block(node.child(at));
    }
    throw Volume.corrupt("index " + name, file.number(), "a deeper tree", MAX_DEPTH);
  }

  /// The way to the leaf at a place between keys.
  private List<Step> descend(Gap gap) throws IOException {
    List<Step> path = new ArrayList<>();
    long block = ROOT;
    int[] order = {0};
    while (path.size() <= MAX_DEPTH) {
      IndexNode node = node(block);
      int at = node.search(gap.key().bytes, collation, order);
      at += gap.after() && order[0] == 0 && !node.isLast(at) ? 1 : 0;
      path.add(new Step(block, at));
      if (!node.hasChild(at)) {
        return path;
      }
      block = blocks.block(node.child(at));
    }
    throw Volume.corrupt("index " + name, file.number(), "a deeper tree", MAX_DEPTH);
  }

  private static byte[] key(byte[] entry) {
    int length = LittleEndian.u16(entry, 0x0A);
    return Arrays.copyOfRange(entry, IndexNode.ENTRY_HEADER, IndexNode.ENTRY_HEADER + length);
  }

  /// Adds an entry whose key is not there.
  void insert(byte[] entry) throws IOException {
    boolean[] found = {false};
    List<Step> path = descend(key(entry), found);
    if (found[0]) {
      throw Volume.corrupt("index " + name, file.number(), "the key twice", "once");
    }
    put(path, path.size() - 1, entry, false);
  }

  /// Changes an entry, its length and order kept.
  ///
  /// @return false when there is none
  boolean update(byte[] key, Consumer<byte[]> change) throws IOException {
    boolean[] found = {false};
    List<Step> path = descend(key, found);
    if (found[0]) {
      Step step = path.getLast();
      List<byte[]> entries = entries(node(step.block()));
      change.accept(entries.get(step.entry()));
      write(step.block(), entries, Commit.USED);
    }
    return found[0];
  }

  /// Puts an entry into a node, before the entry of the step or in its place.
  private void put(List<Step> path, int level, byte[] entry, boolean instead) throws IOException {
    Step step = path.get(level);
    List<byte[]> entries = entries(node(step.block()));
    if (instead) {
      entries.set(step.entry(), entry);
    } else {
      entries.add(step.entry(), entry);
    }
    if (fits(step.block(), entries)) {
      write(step.block(), entries, Commit.USED + (changes.isAlone() ? level : 0));
      return;
    }
    changes.requireAlone();
    if (step.block() == ROOT) {
      pushDown(entries);
    } else {
      split(path, level, entries);
    }
  }

  /// Moves the root's entries into a block of their own, or two.
  private void pushDown(List<byte[]> entries) throws IOException {
    // Room first: the new block's attributes share the record with the root.
    write(ROOT, List.of(last(Optional.empty())), Commit.USED);
    long block = blocks.allocate();
    if (fits(block, entries)) {
      write(block, entries, Commit.USED);
      write(ROOT, List.of(last(Optional.of(blocks.vcn(block)))), Commit.USED);
      return;
    }
    long left = blocks.allocate();
    byte[] middle = divide(entries, left, block, Commit.USED);
    write(ROOT, List.of(middle, last(Optional.of(blocks.vcn(block)))), Commit.USED);
  }

  private void split(List<Step> path, int level, List<byte[]> entries) throws IOException {
    long left = blocks.allocate();
    byte[] middle = divide(entries, left, path.get(level).block(), Commit.USED + level);
    put(path, level - 1, middle, false);
  }

  /// Writes the lower entries to one block and the upper to another.
  ///
  /// @return the entry between them, its child the lower block
  private byte[] divide(List<byte[]> entries, long lower, long upper, int rank) throws IOException {
    int total = entries.stream().mapToInt(entry -> entry.length).sum();
    int middle = 0;
    int before = 0;
    while (before + entries.get(middle).length < total / 2 && middle < entries.size() - 3) {
      before += entries.get(middle).length;
      middle++;
    }
    middle = Math.max(1, middle);
    byte[] separator = entries.get(middle);
    List<byte[]> low = new ArrayList<>(entries.subList(0, middle));
    low.add(last(child(separator)));
    write(lower, low, Commit.FRESH);
    write(upper, entries.subList(middle + 1, entries.size()), rank);
    return withChild(separator, Optional.of(blocks.vcn(lower)));
  }

  private static Optional<Long> child(byte[] entry) {
    return (LittleEndian.u16(entry, 0x0C) & IndexNode.HAS_CHILD) == 0
        ? Optional.empty()
        : Optional.of(LittleEndian.s64(entry, entry.length - 8));
  }

  /// @param vcn as an entry has it
  private static byte[] withChild(byte[] entry, Optional<Long> vcn) {
    int flags = LittleEndian.u16(entry, 0x0C);
    int plain = entry.length - ((flags & IndexNode.HAS_CHILD) != 0 ? 8 : 0);
    byte[] other = Arrays.copyOf(entry, plain + (vcn.isPresent() ? 8 : 0));
    LittleEndian.put16(other, 8, other.length);
    LittleEndian.put16(other, 0x0C, flags & ~IndexNode.HAS_CHILD);
    if (vcn.isPresent()) {
      LittleEndian.put16(other, 0x0C, flags | IndexNode.HAS_CHILD);
      LittleEndian.put64(other, plain, vcn.get());
    }
    return other;
  }

  private byte[] last(Optional<Long> childVcn) {
    byte[] entry = new byte[LAST_SIZE];
    LittleEndian.put16(entry, 8, LAST_SIZE);
    LittleEndian.put16(entry, 0x0C, IndexNode.LAST);
    return withChild(entry, childVcn);
  }

  private boolean fits(long block, List<byte[]> entries) throws IOException {
    int sum = entries.stream().mapToInt(entry -> entry.length).sum();
    if (block != ROOT) {
      IndexNode node = blocks.read(block);
      return node.at(0) + sum <= node.bytes().length;
    }
    byte[] old = rootValue();
    file.set(AttributeType.INDEX_ROOT, name, Content.resident(new byte[ROOT_ENTRIES + sum], 0));
    boolean fits = file.fits();
    file.set(AttributeType.INDEX_ROOT, name, Content.resident(old, 0));
    return fits;
  }

  private void write(long block, List<byte[]> entries, int rank) throws IOException {
    boolean parent = child(entries.getLast()).isPresent();
    int sum = entries.stream().mapToInt(entry -> entry.length).sum();
    byte[] bytes;
    int header;
    if (block == ROOT) {
      bytes = Arrays.copyOf(rootValue(), ROOT_ENTRIES + sum);
      header = IndexNode.ROOT_HEADER_AT;
      LittleEndian.put32(bytes, header, IndexNode.HEADER);
      LittleEndian.put32(bytes, header + 8, IndexNode.HEADER + sum);
    } else {
      bytes = blocks.edit(block, rank);
      header = IndexNode.BLOCK_HEADER_AT;
    }
    int at = header + LittleEndian.s32(bytes, header);
    LittleEndian.put32(bytes, header + 4, at - header + sum);
    LittleEndian.put8(bytes, header + 0x0C, parent ? 1 : 0);
    for (byte[] entry : entries) {
      System.arraycopy(entry, 0, bytes, at, entry.length);
      at += entry.length;
    }
    Arrays.fill(bytes, at, bytes.length, (byte) 0);
    if (block == ROOT) {
      file.set(AttributeType.INDEX_ROOT, name, Content.resident(bytes, 0));
    }
  }

  /// Removes the entry of a key.
  ///
  /// @return false when there is none
  boolean remove(byte[] key) throws IOException {
    boolean[] found = {false};
    List<Step> path = descend(key, found);
    if (!found[0]) {
      return false;
    }
    Step step = path.getLast();
    IndexNode node = node(step.block());
    if (!node.hasChild(step.entry())) {
      List<byte[]> entries = entries(node);
      entries.remove(step.entry());
      write(step.block(), entries, Commit.USED);
      noteIfEmpty(step.block(), entries, new Gap(new Key(key), false));
      return true;
    }
    changes.requireAlone();
    List<Step> leaf = outermost(node.child(step.entry()), false);
    boolean fromRight = node(leaf.getLast().block()).count() == 1;
    if (fromRight) {
      leaf = outermost(node.child(step.entry() + 1), true);
    }
    IndexNode lowest = node(leaf.getLast().block());
    if (lowest.count() == 1) {
      throw new UnsupportedFeatureException(
          "NTFS: the index of file record %d has empty blocks; run chkdsk"
              .formatted(file.number()));
    }
    List<byte[]> rest = entries(lowest);
    byte[] moved = rest.remove(fromRight ? 0 : rest.size() - 2);
    put(path, path.size() - 1, withChild(moved, child(node.entry(step.entry()))), true);
    write(leaf.getLast().block(), rest, Commit.USED + path.size() + leaf.size());
    noteIfEmpty(leaf.getLast().block(), rest, new Gap(new Key(key(moved)), fromRight));
    return true;
  }

  private void noteIfEmpty(long block, List<byte[]> entries, Gap gap) {
    if (block != ROOT && entries.size() == 1) {
      changes.emptied(new Emptied(file.number(), name, collation, gap));
    }
  }

  /// The way from a child down to the leaf at one side.
  private List<Step> outermost(long vcn, boolean first) throws IOException {
    List<Step> path = new ArrayList<>();
    long block = blocks.block(vcn);
    while (path.size() <= MAX_DEPTH) {
      IndexNode node = node(block);
      int at = first ? 0 : node.count() - 1;
      path.add(new Step(block, at));
      if (!node.hasChild(at)) {
        return path;
      }
      block = blocks.block(node.child(at));
    }
    throw Volume.corrupt("index " + name, file.number(), "a deeper tree", MAX_DEPTH);
  }

  /// True when the leaf there is an empty block.
  boolean isLeafEmpty(Gap gap) throws IOException {
    Step step = descend(gap).getLast();
    return step.block() != ROOT && node(step.block()).count() == 1;
  }

  /// Which neighbour takes the entry that stood above an empty leaf.
  enum Side {
    RIGHT,
    LEFT,
    /// None has room: one of theirs has come into the leaf instead.
    NONE
  }

  /// Copies the entry beside an empty leaf to where it will be when the leaf is gone. The first of
  /// two steps; nothing is lost when the second does not come. No block splits.
  Side copyAside(Gap gap) throws IOException {
    changes.requireAlone();
    List<Step> path = descend(gap);
    int level = parentOf(path);
    IndexNode node = node(path.get(level).block());
    int at = path.get(level).entry();
    if (node.count() == 1) {
      return Side.RIGHT;
    }
    for (Side side : new Side[] {Side.RIGHT, Side.LEFT}) {
      if (side == Side.RIGHT ? !node.isLast(at) : at > 0) {
        boolean right = side == Side.RIGHT;
        byte[] copied = withChild(node.entry(right ? at : at - 1), Optional.empty());
        long leaf = outermost(node.child(right ? at + 1 : at - 1), right).getLast().block();
        List<byte[]> entries = entries(node(leaf));
        entries.add(right ? 0 : entries.size() - 1, copied);
        if (fits(leaf, entries)) {
          write(leaf, entries, Commit.USED);
          return side;
        }
      }
    }
    borrow(path, level);
    return Side.NONE;
  }

  /// Brings the entry above an empty leaf into it, and a neighbour's in that one's place. When that
  /// does not fit the leaf stays empty.
  private void borrow(List<Step> path, int level) throws IOException {
    Step parent = path.get(level);
    List<byte[]> above = entries(node(parent.block()));
    boolean right = parent.entry() < above.size() - 1;
    int at = right ? parent.entry() : parent.entry() - 1;
    long vcn = child(above.get(right ? at + 1 : at)).orElseThrow();
    long leaf = outermost(vcn, right).getLast().block();
    List<byte[]> rest = entries(node(leaf));
    byte[] moved = rest.remove(right ? 0 : rest.size() - 2);
    byte[] down = above.get(at);
    above.set(at, withChild(moved, child(down)));
    if (fits(parent.block(), above)) {
      List<byte[]> single = List.of(withChild(down, Optional.empty()), last(Optional.empty()));
      write(path.getLast().block(), single, Commit.USED);
      write(parent.block(), above, Commit.USED + 1);
      write(leaf, rest, Commit.USED + 2);
    }
  }

  /// The lowest node above the leaf that has more than one child; the root when there is none.
  private int parentOf(List<Step> path) throws IOException {
    int level = path.size() - 2;
    while (level > 0 && node(path.get(level).block()).count() == 1) {
      level--;
    }
    return level;
  }

  /// Removes an empty leaf, and the entry that [#copyAside] copied.
  void removeEmptyLeaf(Gap gap, Side side) throws IOException {
    changes.requireAlone();
    List<Step> path = descend(gap);
    int level = parentOf(path);
    Step parent = path.get(level);
    List<byte[]> entries = entries(node(parent.block()));
    if (entries.size() == 1) {
      write(ROOT, List.of(last(Optional.empty())), Commit.USED);
      blocks.freeAll();
      return;
    }
    int at = parent.entry();
    if (side == Side.LEFT) {
      byte[] before = entries.remove(at - 1);
      entries.set(at - 1, withChild(entries.get(at - 1), child(before)));
    } else {
      entries.remove(at);
    }
    write(parent.block(), entries, Commit.USED + level);
    for (Step gone : path.subList(level + 1, path.size())) {
      blocks.free(gone.block());
    }
  }
}
