package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One index of a file, to be read: a B-tree whose root is an attribute and whose other nodes are
/// blocks of another one. A directory is the index of the names in it.
final class FileIndex {
  static final String NAMES = "$I30";
  private static final int MAX_DEPTH = 24; // ours
  private static final int MAX_ENTRIES = 1 << 21; // ours: in a listing
  private static final int MAX_BLOCKS = 1 << 22; // ours

  private final Volume volume;
  private final long file;
  private final String name;
  private final byte[] root;
  private final Optional<UnitStream> blocks;
  private final int vcnBits;
  private final int blockBits;
  private Optional<IndexNode> rootNode = Optional.empty();

  /// Takes entries.
  @FunctionalInterface
  private interface Visitor {
    void accept(IndexNode node, int entry) throws IOException;
  }

  private FileIndex(
      Volume volume, NtfsFile file, String name, byte[] root, Optional<UnitStream> blocks) {
    this.volume = volume;
    this.file = file.number();
    this.name = name;
    this.root = root;
    this.blocks = blocks;
    int blockSize = LittleEndian.s32(root, 8);
    int clusterBits = volume.boot.clusterBits();
    this.blockBits = Integer.numberOfTrailingZeros(blockSize);
    this.vcnBits = 1 << clusterBits <= blockSize ? clusterBits : 9;
  }

  static FileIndex load(NtfsFile file, String name) throws IOException {
    Volume volume = file.volume();
    Content root =
        file.find(AttributeType.INDEX_ROOT, name)
            .filter(Content::isResident)
            .orElseThrow(() -> Volume.corrupt("index " + name, file.number(), "no root", "one"));
    byte[] value = root.value();
    int size = value.length < 0x20 ? 0 : LittleEndian.s32(value, 8);
    if (size < 512 || size > 1 << 16 || Integer.bitCount(size) != 1) {
      throw Volume.corrupt("index " + name, file.number(), size, "a block's size");
    }
    Optional<Content> content = file.find(AttributeType.INDEX_ALLOCATION, name);
    Optional<UnitStream> blocks = Optional.empty();
    if (content.isPresent() && !content.get().isResident()) {
      blocks = Optional.of(stream(volume, file.number(), name, content.get(), size));
    }
    return new FileIndex(volume, file, name, value, blocks);
  }

  static UnitStream stream(Volume volume, long file, String name, Content content, int size)
      throws IOException {
    volume.requireWhole(content.runs(), "index");
    long length = Math.min(content.sizes().initialized(), content.size());
    if (length / size > MAX_BLOCKS) {
      throw new LimitExceededException("NTFS: an index of " + length / size + " blocks");
    }
    return new UnitStream(
        new UnitStream.Id(file, AttributeType.INDEX_ALLOCATION, name),
        content.runs(),
        size,
        Fixups.INDX,
        length / size * size);
  }

  boolean isOfNames() {
    return name.equals(NAMES);
  }

  private IndexNode root() throws CorruptImageException {
    if (rootNode.isEmpty()) {
      rootNode =
          Optional.of(IndexNode.parse(root, IndexNode.ROOT_HEADER_AT, root.length, isOfNames()));
    }
    return rootNode.get();
  }

  private IndexNode node(long block) throws IOException {
    UnitStream stream =
        blocks.orElseThrow(() -> Volume.corrupt("index " + name, file, "no blocks", block));
    byte[] bytes = volume.units.read(stream, block);
    return IndexNode.parse(bytes, IndexNode.BLOCK_HEADER_AT, bytes.length, isOfNames());
  }

  private long childBlock(IndexNode node, int entry) throws CorruptImageException {
    long vcn = node.child(entry);
    if (vcn < 0 || vcn > Long.MAX_VALUE >> vcnBits || (vcn << vcnBits) % (1L << blockBits) != 0) {
      throw Volume.corrupt("index " + name, file, vcn, "a block's number");
    }
    return vcn << vcnBits >> blockBits;
  }

  /// The names in a directory, those of DOS left out, each once.
  List<Entry> names() throws IOException {
    List<Entry> entries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    visit(
        root(),
        0,
        new BitSet(),
        (node, at) -> {
          FileName found = FileName.parse(node.bytes(), node.keyAt(at), node.keyLength(at));
          if (found.namespace() != FileName.DOS && seen.add(found.name())) {
            if (entries.size() >= MAX_ENTRIES) {
              throw new LimitExceededException(
                  "NTFS: a directory of more than " + MAX_ENTRIES + " names");
            }
            int tag = LittleEndian.s32(node.bytes(), node.keyAt(at) + FileName.TAG);
            entries.add(new Entry(found, LittleEndian.s64(node.bytes(), node.at(at)), tag));
          }
        });
    return entries;
  }

  /// A name in a directory.
  ///
  /// @param name the name
  /// @param reference to its file
  /// @param tag of the file's reparse point, where the name's flags say that there is one
  record Entry(FileName name, long reference, int tag) {}

  /// True when there is nothing in it.
  boolean isEmpty() throws IOException {
    boolean[] any = {false};
    visit(root(), 0, new BitSet(), (node, at) -> any[0] = true);
    return !any[0];
  }

  private void visit(IndexNode node, int depth, BitSet seen, Visitor visitor) throws IOException {
    if (depth > MAX_DEPTH) {
      throw Volume.corrupt("index " + name, file, "a deeper tree", MAX_DEPTH);
    }
    for (int i = 0; i < node.count(); i++) {
      if (node.hasChild(i)) {
        long block = childBlock(node, i);
        IndexNode child = node(block);
        if (seen.get((int) block)) {
          throw Volume.corrupt("index " + name, file, "a block twice", block);
        }
        seen.set((int) block);
        visit(child, depth + 1, seen, visitor);
      }
      if (!node.isLast(i)) {
        visitor.accept(node, i);
      }
    }
  }

  /// A file of this name: exactly this, or one that differs in case only.
  Optional<Entry> find(String wanted) throws IOException {
    if (wanted.length() > 255) {
      return Optional.empty();
    }
    List<Entry> found = new ArrayList<>(1);
    collect(root(), 0, key(wanted), Collation.foldedNames(volume.upCase()), found);
    Optional<Entry> exact =
        found.stream().filter(entry -> entry.name().name().equals(wanted)).findFirst();
    return exact.isPresent() ? exact : found.stream().findFirst();
  }

  private void collect(
      IndexNode node, int depth, byte[] key, Collation collation, List<Entry> found)
      throws IOException {
    if (depth > MAX_DEPTH || found.size() > MAX_DEPTH) {
      return;
    }
    int[] order = {0};
    for (int at = node.search(key, collation, order); at < node.count(); at++) {
      if (node.hasChild(at)) {
        collect(node(childBlock(node, at)), depth + 1, key, collation, found);
      }
      if (node.isLast(at)
          || collation.compare(key, 0, key.length, node.bytes(), node.keyAt(at), node.keyLength(at))
              != 0) {
        return;
      }
      FileName name = FileName.parse(node.bytes(), node.keyAt(at), node.keyLength(at));
      int tag = LittleEndian.s32(node.bytes(), node.keyAt(at) + FileName.TAG);
      found.add(new Entry(name, LittleEndian.s64(node.bytes(), node.at(at)), tag));
    }
  }

  /// A key that is compared by its name only.
  static byte[] key(String name) {
    byte[] text = Utf16.encode(name);
    byte[] key = new byte[FileName.NAME + text.length];
    LittleEndian.put8(key, FileName.NAME_LENGTH, name.length());
    System.arraycopy(text, 0, key, FileName.NAME, text.length);
    return key;
  }

  /// The entry of this key, as it stands in the index.
  Optional<byte[]> findEntry(byte[] key, Collation collation) throws IOException {
    IndexNode node = root();
    for (int depth = 0; depth <= MAX_DEPTH; depth++) {
      int[] order = {0};
      int at = node.search(key, collation, order);
      if (order[0] == 0 && !node.isLast(at)) {
        return Optional.of(Arrays.copyOf(node.entry(at), node.length(at)));
      }
      if (!node.hasChild(at)) {
        return Optional.empty();
      }
      node = node(childBlock(node, at));
    }
    throw Volume.corrupt("index " + name, file, "a deeper tree", MAX_DEPTH);
  }
}
