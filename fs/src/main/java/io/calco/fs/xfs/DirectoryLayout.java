package io.calco.fs.xfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.GuestNames;
import io.calco.fs.xfs.DirectoryFormat.Item;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Puts a directory's entries into blocks, with the index and the table of free space that they
/// need, and gives back the blocks that are not needed any more.
final class DirectoryLayout {
  private static final int HEADER = 64;
  private static final int LEAF_MAGIC = 0x3DF1;
  private static final int LEAVES_MAGIC = 0x3DFF;
  private static final int FREE_MAGIC = 0x58444633;
  private static final int NO_BLOCK = 0xFFFF;

  private final Volume volume;
  private final Geometry geometry;
  private final Inode directory;
  private final int size;
  private final TreeMap<Long, Long> map = new TreeMap<>();
  private final TreeSet<Long> fresh = new TreeSet<>();
  private List<Long> tree = List.of();

  DirectoryLayout(Volume volume, Inode directory) throws IOException {
    this.volume = volume;
    this.geometry = volume.geometry;
    this.directory = directory;
    this.size = geometry.directorySize();
    if (directory.format() != Inode.LOCAL) {
      Fork.Content fork = Fork.data(volume, directory);
      tree = fork.treeBlocks();
      loadMap(fork.extents());
    }
  }

  private void loadMap(ExtentList extents) throws UnsupportedFeatureException {
    int blocks = geometry.directoryBlocks();
    for (Extent extent : extents.all()) {
      if (extent.offset() % blocks != 0 || extent.count() % blocks != 0) {
        throw new UnsupportedFeatureException(
            "xfs file system: directory %d: its blocks lie in pieces; Calco does not write it"
                .formatted(directory.number()));
      }
      for (long at = 0; at < extent.count(); at += blocks) {
        map.put((extent.offset() + at) / blocks, extent.start() + at);
      }
    }
  }

  /// Stores a short form's bytes.
  void storeShort(byte[] raw) throws IOException {
    keep(new TreeSet<>());
    storeFork();
    directory.putFormat(Inode.LOCAL);
    byte[] inode = directory.raw();
    System.arraycopy(raw, 0, inode, directory.coreSize(), raw.length);
    directory.putSize(raw.length);
  }

  /// Stores entries.
  ///
  /// @param placed by place, `.` and `..` first
  /// @param one in one block, with its index
  void store(List<Item> placed, boolean one) throws IOException {
    TreeMap<Long, List<Item>> byBlock = new TreeMap<>();
    for (Item item : placed) {
      byBlock.computeIfAbsent(item.offset() / size, key -> new ArrayList<>()).add(item);
    }
    int[] bests = new int[(int) (byBlock.lastKey() + 1)];
    Arrays.fill(bests, NO_BLOCK);
    TreeSet<Long> wanted = new TreeSet<>(byBlock.keySet());
    long index = DirectoryFormat.INDEX_AT / size;
    long table = DirectoryFormat.FREE_AT / size;
    boolean leaf = HEADER + 8L * placed.size() + 2L * bests.length + 4 <= size;
    int perLeaf = (size - HEADER) / 8;
    int leaves = (placed.size() + perLeaf - 1) / perLeaf;
    int perTable = (size - HEADER) / 2;
    if (!one) {
      int count = leaf ? 1 : leaves + 1;
      for (int i = 0; i < count; i++) {
        wanted.add(index + i);
      }
      for (int i = 0; !leaf && i * perTable < bests.length; i++) {
        wanted.add(table + i);
      }
      if (!leaf && leaves > perLeaf) {
        throw new LimitExceededException(
            "xfs file system: Calco writes directories of at most %d entries"
                .formatted(perLeaf * perLeaf));
      }
    }
    keep(wanted);
    List<Long> hashes = hashes(placed);
    for (var block : byBlock.entrySet()) {
      long at = block.getKey();
      bests[(int) at] = storeData(at, block.getValue(), one, hashes);
    }
    if (!one && leaf) {
      storeLeaf(index, hashes, bests);
    } else if (!one) {
      storeLeaves(index, hashes, leaves);
      storeTable(table, bests, perTable);
    }
    storeFork();
    directory.putSize(one ? size : (byBlock.lastKey() + 1) * size);
  }

  /// Hashes and places of the entries, sorted, each pair as one number.
  private static List<Long> hashes(List<Item> placed) {
    List<Long> hashes = new ArrayList<>();
    for (Item item : placed) {
      hashes.add((long) item.hash() << 32 | item.offset() >>> 3);
    }
    hashes.sort(Long::compareUnsigned);
    return hashes;
  }

  /// Brings the blocks of the directory to those wanted.
  private void keep(Set<Long> wanted) throws IOException {
    int blocks = geometry.directoryBlocks();
    int near = geometry.groupOfInode(directory.number());
    long before = map.size();
    for (var block : List.copyOf(map.entrySet())) {
      if (!wanted.contains(block.getKey())) {
        volume.space.release(block.getValue(), blocks);
        map.remove(block.getKey());
      }
    }
    for (long at : wanted) {
      if (!map.containsKey(at)) {
        map.put(at, volume.space.takeRun(near, blocks, 1));
        fresh.add(at);
      }
    }
    directory.putBlocks(directory.blocks() + (map.size() - before) * blocks);
  }

  private void storeFork() throws IOException {
    int blocks = geometry.directoryBlocks();
    List<Extent> extents = new ArrayList<>();
    map.forEach((at, start) -> extents.add(new Extent(at * blocks, start, blocks, false)));
    new ForkStore(volume, directory).store(extents, tree);
  }

  /// Stores a data block.
  ///
  /// @return its longest free room
  private int storeData(long at, List<Item> items, boolean one, List<Long> hashes)
      throws IOException {
    byte[] block = new byte[size];
    BigEndian.put32(block, 0, one ? DirectoryFormat.BLOCK_MAGIC_5 : DirectoryFormat.DATA_MAGIC_5);
    int end = one ? size - 8 - 8 * hashes.size() : size;
    List<int[]> free = new ArrayList<>();
    int next = HEADER;
    for (Item item : items) {
      int in = (int) (item.offset() % size);
      addFree(block, free, next, in);
      byte[] name = GuestNames.encode(item.name());
      int length = DirectoryFormat.entrySize(geometry, name.length);
      BigEndian.put64(block, in, item.inode());
      BigEndian.put8(block, in + 8, name.length);
      System.arraycopy(name, 0, block, in + 9, name.length);
      if (geometry.features.fileTypes()) {
        BigEndian.put8(block, in + 9 + name.length, item.type());
      }
      BigEndian.put16(block, in + length - 2, in);
      next = in + length;
    }
    addFree(block, free, next, end);
    free.sort(Comparator.comparingInt((int[] room) -> -room[1]));
    for (int i = 0; i < Math.min(3, free.size()); i++) {
      BigEndian.put16(block, 48 + i * 4, free.get(i)[0]);
      BigEndian.put16(block, 50 + i * 4, free.get(i)[1]);
    }
    if (one) {
      for (int i = 0; i < hashes.size(); i++) {
        BigEndian.put64(block, end + i * 8, hashes.get(i));
      }
      BigEndian.put32(block, size - 8, hashes.size());
    }
    put(at, block, Metadata.DIRECTORY, one ? Buffers.DIRECTORY_BLOCK : Buffers.DIRECTORY_DATA);
    return free.isEmpty() ? 0 : free.getFirst()[1];
  }

  private static void addFree(byte[] block, List<int[]> free, int from, int to) {
    if (to > from) {
      BigEndian.put16(block, from, DirectoryFormat.FREE_TAG);
      BigEndian.put16(block, from + 2, to - from);
      BigEndian.put16(block, to - 2, from);
      free.add(new int[] {from, to - from});
    }
  }

  private void storeLeaf(long index, List<Long> hashes, int[] bests) throws IOException {
    byte[] block = new byte[size];
    BigEndian.put16(block, 8, LEAF_MAGIC);
    BigEndian.put16(block, 56, hashes.size());
    for (int i = 0; i < hashes.size(); i++) {
      BigEndian.put64(block, HEADER + i * 8, hashes.get(i));
    }
    int at = size - 4 - 2 * bests.length;
    for (int i = 0; i < bests.length; i++) {
      BigEndian.put16(block, at + i * 2, bests[i]);
    }
    BigEndian.put32(block, size - 4, bests.length);
    put(index, block, Metadata.INDEX, Buffers.DIRECTORY_LEAF);
  }

  /// The index in leaves, under one node.
  private void storeLeaves(long index, List<Long> hashes, int leaves) throws IOException {
    int blocks = geometry.directoryBlocks();
    byte[] node = new byte[size];
    BigEndian.put16(node, 8, Attributes.NODE_MAGIC_5);
    BigEndian.put16(node, 56, leaves);
    BigEndian.put16(node, 58, 1);
    int from = 0;
    for (int i = 0; i < leaves; i++) {
      int to = (int) ((long) hashes.size() * (i + 1) / leaves);
      byte[] block = new byte[size];
      long at = index + 1 + i;
      BigEndian.put32(block, 0, i + 1 == leaves ? 0 : (at + 1) * blocks);
      BigEndian.put32(block, 4, i == 0 ? 0 : (at - 1) * blocks);
      BigEndian.put16(block, 8, LEAVES_MAGIC);
      BigEndian.put16(block, 56, to - from);
      for (int k = from; k < to; k++) {
        BigEndian.put64(block, HEADER + (k - from) * 8, hashes.get(k));
      }
      put(at, block, Metadata.INDEX, Buffers.DIRECTORY_LEAVES);
      BigEndian.put32(node, HEADER + i * 8, hashes.get(to - 1) >>> 32);
      BigEndian.put32(node, HEADER + i * 8 + 4, at * blocks);
      from = to;
    }
    put(index, node, Metadata.INDEX, Buffers.NODE);
  }

  /// The table of the longest free room of each data block.
  private void storeTable(long table, int[] bests, int perTable) throws IOException {
    for (int i = 0; i * perTable < bests.length; i++) {
      byte[] block = new byte[size];
      int first = i * perTable;
      int count = Math.min(perTable, bests.length - first);
      int used = 0;
      for (int k = 0; k < count; k++) {
        BigEndian.put16(block, HEADER + k * 2, bests[first + k]);
        used += bests[first + k] == NO_BLOCK ? 0 : 1;
      }
      BigEndian.put32(block, 0, FREE_MAGIC);
      BigEndian.put32(block, 48, first);
      BigEndian.put32(block, 52, count);
      BigEndian.put32(block, 56, used);
      put(table + i, block, Metadata.DIRECTORY, Buffers.DIRECTORY_FREE);
    }
  }

  /// Stores a block of the directory, unless that is what stands there.
  private void put(long at, byte[] block, Metadata kind, int type) throws IOException {
    long linear = geometry.linear(java.util.Objects.requireNonNull(map.get(at)));
    int blocks = geometry.directoryBlocks();
    kind.claim(geometry, block, linear << geometry.blockBits, directory.number());
    if (!fresh.contains(at)) {
      byte[] old = volume.blocks.copy(linear, blocks);
      kind.keepSequence(old, block);
      kind.seal(block, 0, block.length);
      if (Arrays.equals(old, block)) {
        return;
      }
    }
    kind.seal(block, 0, block.length);
    for (int i = 0; i < blocks; i++) {
      int from = i << geometry.blockBits;
      byte[] part = Arrays.copyOfRange(block, from, from + geometry.blockSize());
      volume.blocks.put(linear + i, part, new Blocks.Buffer(linear, blocks, type));
    }
  }
}
