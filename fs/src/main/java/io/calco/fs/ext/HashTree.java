package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The index of a directory: a tree of name hashes over its blocks of entries, its root in block 0
/// after `.` and `..`. A name lies in the block whose hashes begin at or before its own; names with
/// one hash may go on in the next block, whose hash then has its low bit set.
final class HashTree {
  private static final int ROOT_INFO = 24;
  private static final int ROOT_ENTRIES = 32;
  private static final int NODE_ENTRIES = 8;
  private static final int ENTRY = 8;
  private static final int BLOCK_MASK = 0x0FFFFFFF;

  /// Levels of nodes below the root, the specification's with `large_dir`.
  private static final int MAX_LEVELS = 2;

  /// The same without.
  private static final int MAX_WRITTEN_LEVELS = 1;

  /// A step on the way down.
  ///
  /// @param logical the directory's block
  /// @param at where its index entries begin
  /// @param index the entry followed
  private record Step(long logical, int at, int index) {}

  private record Name(int hash, int at, int size) {}

  private final Volume volume;
  private final Directory directory;
  private final DirectoryHash hash;

  private HashTree(Volume volume, Directory directory, DirectoryHash hash) {
    this.volume = volume;
    this.directory = directory;
    this.hash = hash;
  }

  /// The directory's index; null when it has a hash that is not known here.
  static @Nullable HashTree open(Volume volume, Directory directory) throws IOException {
    byte[] root = directory.read(0);
    int version = LittleEndian.u8(root, ROOT_INFO + 4);
    if (version < 3
        && (volume.superblock.s32(Superblock.FLAGS) & Superblock.FLAG_UNSIGNED_HASH) != 0) {
      version += 3;
    }
    if (!DirectoryHash.isKnown(version)) {
      return null;
    }
    return new HashTree(volume, directory, new DirectoryHash(version, seed(volume)));
  }

  private static List<Integer> seed(Volume volume) throws IOException {
    List<Integer> seed = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      seed.add(volume.superblock.s32(Superblock.HASH_SEED + 4 * i));
    }
    return seed;
  }

  private CorruptImageException corrupt(long logical, Object found, String expected)
      throws IOException {
    return CorruptImageException.at(
        "ext file system",
        "inode " + directory.inode().number() + " directory index",
        volume.geometry.byteOffset(directory.physical(logical)),
        found,
        expected);
  }

  private static int count(byte[] bytes, int at) {
    return LittleEndian.u16(bytes, at + 2);
  }

  private static int limit(byte[] bytes, int at) {
    return LittleEndian.u16(bytes, at);
  }

  /// The hash of an index entry; the first counts as 0: its room holds limit and count.
  private static int hashOf(byte[] bytes, int at, int index) {
    return index == 0 ? 0 : LittleEndian.s32(bytes, at + index * ENTRY);
  }

  private static long blockOf(byte[] bytes, int at, int index) {
    return LittleEndian.u32(bytes, at + index * ENTRY + 4) & BLOCK_MASK;
  }

  private byte[] node(long logical, int at) throws IOException {
    byte[] bytes = directory.read(logical);
    int most = (bytes.length - at - directory.sums().indexTail()) / ENTRY;
    int count = count(bytes, at);
    if (count < 1 || count > limit(bytes, at) || limit(bytes, at) > most) {
      throw corrupt(
          logical,
          "%d of %d entries".formatted(count, limit(bytes, at)),
          "1 to %d".formatted(most));
    }
    return bytes;
  }

  /// The way from the root to the leaf for the hash.
  private List<Step> descend(int target) throws IOException {
    byte[] root = node(0, ROOT_ENTRIES);
    int levels = LittleEndian.u8(root, ROOT_INFO + 6);
    if (levels > MAX_LEVELS || LittleEndian.u8(root, ROOT_INFO + 5) != 8) {
      throw corrupt(0, levels + " levels", "at most " + MAX_LEVELS);
    }
    List<Step> way = new ArrayList<>();
    long logical = 0;
    for (int level = 0; level <= levels; level++) {
      int at = level == 0 ? ROOT_ENTRIES : NODE_ENTRIES;
      byte[] bytes = node(logical, at);
      int low = 1;
      int high = count(bytes, at) - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        if (Integer.compareUnsigned(hashOf(bytes, at, middle), target) > 0) {
          high = middle - 1;
        } else {
          low = middle + 1;
        }
      }
      way.add(new Step(logical, at, high));
      logical = child(logical, bytes, at, high);
    }
    return way;
  }

  private long child(long logical, byte[] bytes, int at, int index) throws IOException {
    long block = blockOf(bytes, at, index);
    if (block == 0 || block >= directory.blockCount()) {
      throw corrupt(logical, "block " + block, "1 to " + (directory.blockCount() - 1));
    }
    return block;
  }

  private long leaf(List<Step> way) throws IOException {
    Step last = way.getLast();
    byte[] bytes = node(last.logical(), last.at());
    return child(last.logical(), bytes, last.at(), last.index());
  }

  /// The way to the leaf after the last one, if names with this hash may go on there.
  private @Nullable List<Step> continued(List<Step> way, int target) throws IOException {
    for (int level = way.size() - 1; level >= 0; level--) {
      Step step = way.get(level);
      byte[] bytes = node(step.logical(), step.at());
      int next = step.index() + 1;
      if (next < count(bytes, step.at())) {
        if (hashOf(bytes, step.at(), next) != (target | 1)) {
          return null;
        }
        List<Step> after = new ArrayList<>(way.subList(0, level));
        after.add(new Step(step.logical(), step.at(), next));
        while (after.size() < way.size()) {
          Step above = after.getLast();
          byte[] block = node(above.logical(), above.at());
          after.add(
              new Step(child(above.logical(), block, above.at(), above.index()), NODE_ENTRIES, 0));
        }
        return after;
      }
    }
    return null;
  }

  /// Where the name's entry stands.
  Directory.@Nullable Place locate(byte[] name) throws IOException {
    int target = hash.of(name);
    List<Step> way = descend(target);
    // A chain of equal hashes is no longer than the directory.
    for (long i = 0; way != null && i < directory.blockCount(); i++) {
      long logical = leaf(way);
      int at = directory.entries(logical, directory.read(logical)).find(name);
      if (at >= 0) {
        return new Directory.Place(logical, at);
      }
      way = continued(way, target);
    }
    return null;
  }

  /// Adds a name, splitting the leaf and the nodes above it where they are full.
  void insert(byte[] name, long number, FileType type) throws IOException {
    int target = hash.of(name);
    // Each turn splits a leaf or gives the index room for that.
    for (int turn = 0; turn < 16; turn++) {
      List<Step> way = descend(target);
      if (directory.insertIn(leaf(way), name, number, type)) {
        return;
      }
      Step last = way.getLast();
      byte[] bytes = node(last.logical(), last.at());
      if (count(bytes, last.at()) < limit(bytes, last.at())) {
        splitLeaf(way);
      } else if (way.size() == 1) {
        addLevel();
      } else {
        splitNode(way);
      }
    }
    throw new LimitExceededException(
        "ext file system: inode %d: no room in the directory's index for one more name"
            .formatted(directory.inode().number()));
  }

  private void splitLeaf(List<Step> way) throws IOException {
    long logical = leaf(way);
    long other = directory.append();
    byte[] bytes = directory.edit(logical);
    byte[] old = bytes.clone();
    DirectoryBlock from = directory.entries(logical, old);
    List<Name> names = new ArrayList<>();
    from.forEach((at, number, name, type) ->
        names.add(new Name(hash.of(name), at, DirectoryBlock.entrySize(name.length))));
    names.sort(
        Comparator.<Name>comparingInt(name -> name.hash() ^ Integer.MIN_VALUE)
            .thenComparingInt(Name::at));
    int split = splitPoint(names);
    int firstHash = names.get(split).hash();
    boolean goesOn = firstHash == names.get(split - 1).hash();
    pack(from, names.subList(0, split), bytes);
    pack(from, names.subList(split, names.size()), directory.edit(other));
    insertEntry(way.getLast(), goesOn ? firstHash | 1 : firstHash, other);
  }

  /// The first name of the upper half, by bytes.
  private int splitPoint(List<Name> names) throws IOException {
    if (names.size() < 2) {
      throw new LimitExceededException(
          "ext file system: inode %d: a block of one name cannot be split"
              .formatted(directory.inode().number()));
    }
    int size = 0;
    int split = names.size();
    while (split > 1 && size + names.get(split - 1).size() / 2 <= volume.geometry.blockSize() / 2) {
      size += names.get(--split).size();
    }
    return Math.min(Math.max(split, 1), names.size() - 1);
  }

  private void pack(DirectoryBlock from, List<Name> names, byte[] bytes) {
    DirectoryBlock to = directory.emptyBlock(bytes);
    int at = 0;
    for (int i = 0; i < names.size(); i++) {
      Name name = names.get(i);
      int length = i + 1 == names.size() ? to.end() - at : name.size();
      to.putEntry(at, length, from.name(name.at()), from.inode(name.at()), from.type(name.at()));
      at += length;
    }
    directory.sums().seal(bytes);
  }

  /// Adds an index entry after the one followed.
  private void insertEntry(Step step, int firstHash, long logical) throws IOException {
    byte[] bytes = directory.edit(step.logical());
    int count = count(bytes, step.at());
    int at = step.at() + (step.index() + 1) * ENTRY;
    System.arraycopy(bytes, at, bytes, at + ENTRY, step.at() + count * ENTRY - at);
    LittleEndian.put32(bytes, at, firstHash);
    LittleEndian.put32(bytes, at + 4, logical);
    LittleEndian.put16(bytes, step.at() + 2, count + 1);
    directory.sums().seal(bytes);
  }

  private int nodeLimit() {
    return (volume.geometry.blockSize() - NODE_ENTRIES - directory.sums().indexTail()) / ENTRY;
  }

  /// Fills a block with index entries `[from, from + count)` of another.
  private void putNode(byte[] bytes, byte[] source, int at, int from, int count) {
    Arrays.fill(bytes, (byte) 0);
    int size = volume.geometry.blockSize();
    LittleEndian.put16(bytes, 4, size == 65536 ? 65535 : size);
    System.arraycopy(source, at + from * ENTRY + 4, bytes, NODE_ENTRIES + 4, count * ENTRY - 4);
    LittleEndian.put16(bytes, NODE_ENTRIES, nodeLimit());
    LittleEndian.put16(bytes, NODE_ENTRIES + 2, count);
    directory.sums().seal(bytes);
  }

  /// Moves the root's entries into a node of their own.
  private void addLevel() throws IOException {
    long logical = directory.append();
    byte[] root = directory.edit(0);
    int count = count(root, ROOT_ENTRIES);
    putNode(directory.edit(logical), root, ROOT_ENTRIES, 0, count);
    Arrays.fill(root, ROOT_ENTRIES + ENTRY, ROOT_ENTRIES + count * ENTRY, (byte) 0);
    LittleEndian.put16(root, ROOT_ENTRIES + 2, 1);
    LittleEndian.put32(root, ROOT_ENTRIES + 4, logical);
    LittleEndian.put8(root, ROOT_INFO + 6, LittleEndian.u8(root, ROOT_INFO + 6) + 1);
    directory.sums().seal(root);
  }

  /// Moves the upper half of a full node's entries into a new one.
  private void splitNode(List<Step> way) throws IOException {
    Step above = way.get(way.size() - 2);
    byte[] parent = node(above.logical(), above.at());
    if (count(parent, above.at()) == limit(parent, above.at())
        || way.size() > MAX_WRITTEN_LEVELS + 1) {
      throw new LimitExceededException(
          "ext file system: inode %d: the directory's index is full"
              .formatted(directory.inode().number()));
    }
    Step full = way.getLast();
    long logical = directory.append();
    byte[] bytes = directory.edit(full.logical());
    int count = count(bytes, NODE_ENTRIES);
    int keep = count / 2;
    int firstHash = hashOf(bytes, NODE_ENTRIES, keep);
    putNode(directory.edit(logical), bytes, NODE_ENTRIES, keep, count - keep);
    Arrays.fill(bytes, NODE_ENTRIES + keep * ENTRY, NODE_ENTRIES + count * ENTRY, (byte) 0);
    LittleEndian.put16(bytes, NODE_ENTRIES + 2, keep);
    directory.sums().seal(bytes);
    insertEntry(above, firstHash, logical);
  }

  /// Gives a directory of one block an index: its names move to a second block.
  static HashTree grow(Volume volume, Directory directory) throws IOException {
    int version = volume.superblock.u8(Superblock.HASH_VERSION) % 3;
    boolean unsigned =
        (volume.superblock.s32(Superblock.FLAGS) & Superblock.FLAG_UNSIGNED_HASH) != 0;
    HashTree tree =
        new HashTree(
            volume, directory, new DirectoryHash(unsigned ? version + 3 : version, seed(volume)));
    long leaf = directory.append();
    byte[] root = directory.edit(0);
    byte[] old = root.clone();
    DirectoryBlock from = directory.entries(0, old);
    List<Name> names = new ArrayList<>();
    long[] parent = {0};
    from.forEach((at, number, name, type) -> {
      if (Arrays.equals(name, Directory.DOT_DOT)) {
        parent[0] = number;
      } else if (!Arrays.equals(name, Directory.DOT)) {
        names.add(new Name(0, at, DirectoryBlock.entrySize(name.length)));
      }
      return true;
    });
    tree.pack(from, names, directory.edit(leaf));
    tree.putRoot(root, parent[0], version, leaf);
    directory.inode().setFlag(Inode.FLAG_INDEX);
    return tree;
  }

  private void putRoot(byte[] root, long parent, int version, long leaf) {
    Arrays.fill(root, (byte) 0);
    DirectoryBlock dots =
        new DirectoryBlock(volume.geometry, root, 0, root.length, directory.inode().number(), 0);
    dots.putEntry(0, 12, Directory.DOT, directory.inode().number(), FileType.DIRECTORY);
    dots.putEntry(12, root.length - 12, Directory.DOT_DOT, parent, FileType.DIRECTORY);
    LittleEndian.put8(root, ROOT_INFO + 4, version);
    LittleEndian.put8(root, ROOT_INFO + 5, 8);
    int limit = (volume.geometry.blockSize() - ROOT_ENTRIES - directory.sums().indexTail()) / ENTRY;
    LittleEndian.put16(root, ROOT_ENTRIES, limit);
    LittleEndian.put16(root, ROOT_ENTRIES + 2, 1);
    LittleEndian.put32(root, ROOT_ENTRIES + 4, leaf);
    directory.sums().seal(root);
  }
}
