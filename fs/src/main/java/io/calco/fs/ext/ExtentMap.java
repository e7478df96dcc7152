package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// A block map of extents: a tree whose root stands in the inode.
///
/// Reading goes down the tree. A change reads all extents, changes the list, and lays the tree out
/// anew, full nodes from left to right, in the blocks that it had: changed maps here are those of
/// directories, which grow, and of files that are cut.
final class ExtentMap implements BlockMap {
  private static final int MAGIC = 0xF30A;
  private static final int HEADER = 12;
  private static final int ENTRY = 12;
  private static final int ROOT_ENTRIES = 4;

  /// Levels below the root, the specification's.
  private static final int MAX_DEPTH = 5;

  /// Blocks in a written extent and in one set aside; the length field says which.
  private static final int MAX_WRITTEN = 32768;

  private static final int MAX_UNWRITTEN = 32767;

  /// One past the last logical block.
  private static final long LOGICAL_END = 1L << 32;

  /// Extents of a file that is changed; ours.
  private static final int MAX_EXTENTS = 1 << 21;

  /// A node of the tree, or the root, in the array that holds it.
  private static final class Node {
    private final long block;
    private final byte[] bytes;
    private final int at;
    private final int depth;
    private final long first;
    private final long end;

    /// @param block where it lies; -1 for the root
    /// @param at where it begins in `bytes`
    /// @param first the first logical block that it may map
    /// @param end the first after those
    Node(long block, byte[] bytes, int at, int depth, long first, long end) {
      this.block = block;
      this.bytes = bytes;
      this.at = at;
      this.depth = depth;
      this.first = first;
      this.end = end;
    }

    int count() {
      return LittleEndian.u16(bytes, at + 2);
    }

    int max() {
      return LittleEndian.u16(bytes, at + 4);
    }

    int entry(int index) {
      return at + HEADER + index * ENTRY;
    }

    long logical(int index) {
      return LittleEndian.u32(bytes, entry(index));
    }

    long child(int index) {
      return LittleEndian.u32(bytes, entry(index) + 4)
          | (long) LittleEndian.u16(bytes, entry(index) + 8) << 32;
    }

    Run extent(int index) {
      int length = LittleEndian.u16(bytes, entry(index) + 4);
      boolean written = length <= MAX_WRITTEN;
      long physical =
          LittleEndian.u32(bytes, entry(index) + 8)
              | (long) LittleEndian.u16(bytes, entry(index) + 6) << 32;
      return new Run(logical(index), physical, written ? length : length - MAX_WRITTEN, written);
    }
  }

  private final Volume volume;
  private final Inode inode;

  ExtentMap(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
  }

  /// Makes the inode's map an empty one of extents.
  static void initialise(Inode inode) {
    java.util.Arrays.fill(
        inode.raw(), Inode.BLOCK_MAP, Inode.BLOCK_MAP + Inode.BLOCK_MAP_SIZE, (byte) 0);
    inode.setFlag(Inode.FLAG_EXTENTS);
    putHeader(inode.raw(), Inode.BLOCK_MAP, 0, ROOT_ENTRIES, 0);
  }

  private static void putHeader(byte[] bytes, int at, int count, int max, int depth) {
    LittleEndian.put16(bytes, at, MAGIC);
    LittleEndian.put16(bytes, at + 2, count);
    LittleEndian.put16(bytes, at + 4, max);
    LittleEndian.put16(bytes, at + 6, depth);
  }

  private Node root() throws IOException {
    byte[] raw = inode.raw();
    int depth = LittleEndian.u16(raw, Inode.BLOCK_MAP + 6);
    Node node = new Node(-1, raw, Inode.BLOCK_MAP, depth, 0, LOGICAL_END);
    check(node, ROOT_ENTRIES);
    return node;
  }

  private Node childOf(Node node, int index) throws IOException {
    long end = index + 1 < node.count() ? node.logical(index + 1) : node.end;
    long block = node.child(index);
    int depth = node.depth - 1;
    Blocks.Check checksum = this::checkSum;
    byte[] bytes = volume.blocks.read(block, checksum);
    Node child = new Node(block, bytes, 0, depth, node.logical(index), end);
    check(child, (volume.blocks.blockSize() - HEADER) / ENTRY);
    return child;
  }

  private void check(Node node, int mostEntries) throws CorruptImageException {
    int magic = LittleEndian.u16(node.bytes, node.at);
    int depth = LittleEndian.u16(node.bytes, node.at + 6);
    if (magic != MAGIC
        || depth != node.depth
        || depth > MAX_DEPTH
        || node.max() > mostEntries
        || node.count() > node.max()
        || (node.count() == 0 && (depth > 0 || node.block >= 0))) {
      throw corrupt(
          node,
          "magic 0x%x, depth %d, %d of %d entries"
              .formatted(magic, depth, node.count(), node.max()),
          "magic 0xf30a, depth %d, at most %d entries".formatted(node.depth, mostEntries));
    }
    long least = node.first;
    for (int i = 0; i < node.count(); i++) {
      long end = node.logical(i) + 1;
      if (depth == 0) {
        Run extent = node.extent(i);
        end = extent.end();
        if (extent.length() == 0
            || extent.physical() < 1
            || extent.physical() + extent.length() > volume.geometry.blocksCount()) {
          throw corrupt(node, extent, "blocks below " + volume.geometry.blocksCount());
        }
      }
      if (node.logical(i) < least || end > node.end) {
        throw corrupt(
            node,
            "entry %d for blocks %d to %d".formatted(i, node.logical(i), end - 1),
            "ascending ones, %d to %d".formatted(least, node.end - 1));
      }
      least = end;
    }
  }

  private CorruptImageException corrupt(Node node, Object found, String expected) {
    long offset = node.block < 0 ? node.at : volume.geometry.byteOffset(node.block);
    String where = node.block < 0 ? " extent root, offset in the inode" : " extent node";
    return CorruptImageException.at(
        "ext file system", "inode " + inode.number() + where, offset, found, expected);
  }

  private void checkSum(long block, byte[] bytes) throws CorruptImageException {
    int tail = HEADER + LittleEndian.u16(bytes, 4) * ENTRY;
    if (!volume.checksums.metadata() || tail + 4 > bytes.length) {
      return; // too many entries is found by the check that follows
    }
    int found = LittleEndian.s32(bytes, tail);
    int sum = sum(bytes, tail);
    if (found != sum) {
      throw CorruptImageException.at(
          "ext file system",
          "inode " + inode.number() + " extent node",
          volume.geometry.byteOffset(block),
          "checksum 0x" + Integer.toHexString(found),
          "0x" + Integer.toHexString(sum));
    }
  }

  private int sum(byte[] bytes, int length) {
    int seed = volume.checksums.inodeSeed(inode.number(), inode.generation());
    return Crc32c.update(seed, bytes, 0, length);
  }

  /// The last entry that begins at or before `logical`, or -1.
  private static int find(Node node, long logical) {
    int low = 0;
    int high = node.count() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (node.logical(middle) <= logical) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  @Override
  public Run at(long logical) throws IOException {
    Node node = root();
    long next = LOGICAL_END;
    while (true) {
      int index = find(node, logical);
      if (index + 1 < node.count()) {
        next = node.logical(index + 1);
      }
      if (index < 0) {
        return new Run(logical, 0, next - logical, true);
      }
      if (node.depth == 0) {
        Run extent = node.extent(index);
        if (logical >= extent.end()) {
          return new Run(logical, 0, next - logical, true);
        }
        long skip = logical - extent.logical();
        return new Run(logical, extent.physical() + skip, extent.length() - skip, extent.written());
      }
      node = childOf(node, index);
    }
  }

  /// Collects the extents under a node and the nodes themselves, both in order.
  private void collect(Node node, List<Run> runs, Deque<Long> nodes) throws IOException {
    for (int i = 0; i < node.count(); i++) {
      if (node.depth > 0) {
        Node child = childOf(node, i);
        nodes.add(child.block);
        collect(child, runs, nodes);
      } else if (runs.size() < MAX_EXTENTS) {
        runs.add(node.extent(i));
      } else {
        throw new LimitExceededException(
            "ext file system: inode %d has more than %d extents, our limit for a change"
                .formatted(inode.number(), MAX_EXTENTS));
      }
    }
  }

  @Override
  public void append(Run run) throws IOException {
    Deque<Long> nodes = new ArrayDeque<>();
    List<Run> runs = readAll(nodes);
    add(runs, run);
    inode.addBlocks(volume.geometry, run.length());
    store(runs, nodes);
  }

  @Override
  public void truncate(long firstLogical) throws IOException {
    Deque<Long> nodes = new ArrayDeque<>();
    List<Run> runs = readAll(nodes);
    long freed = 0;
    while (!runs.isEmpty() && runs.getLast().end() > firstLogical) {
      Run last = runs.removeLast();
      long keep = Math.max(0, firstLogical - last.logical());
      volume.allocator.free(last.physical() + keep, last.length() - keep);
      freed += last.length() - keep;
      if (keep > 0) {
        runs.add(new Run(last.logical(), last.physical(), keep, last.written()));
      }
    }
    inode.addBlocks(volume.geometry, -freed);
    store(runs, nodes);
  }

  @Override
  public void relocate(Inode to, BlockMoves moves) throws IOException {
    Deque<Long> nodes = new ArrayDeque<>();
    List<Run> runs = readAll(nodes);
    List<Run> placed = new ArrayList<>(runs.size());
    boolean moved = false;
    for (Run run : runs) {
      moved |= moves.isOutside(run.physical() + run.length() - 1);
      for (Run part : moves.place(run, volume.goal(to))) {
        add(placed, part);
      }
    }
    Deque<Long> kept = new ArrayDeque<>(nodes);
    if (kept.removeIf(moves::isOutside)) {
      to.addBlocks(volume.geometry, kept.size() - nodes.size());
      moved = true;
    }
    if (moved || (to.number() != inode.number() && !nodes.isEmpty())) {
      new ExtentMap(volume, to).store(placed, kept);
    }
  }

  private List<Run> readAll(Deque<Long> nodes) throws IOException {
    List<Run> runs = new ArrayList<>();
    collect(root(), runs, nodes);
    return runs;
  }

  /// Adds a run at the end, joined to the last one and cut to the length of extents.
  private static void add(List<Run> runs, Run run) {
    Run rest = run;
    int most = run.written() ? MAX_WRITTEN : MAX_UNWRITTEN;
    if (!runs.isEmpty()
        && runs.getLast().continuedBy(run)
        && runs.getLast().length() + run.length() <= most) {
      Run last = runs.removeLast();
      rest = new Run(last.logical(), last.physical(), last.length() + run.length(), run.written());
    }
    while (rest.length() > most) {
      runs.add(new Run(rest.logical(), rest.physical(), most, rest.written()));
      rest =
          new Run(
              rest.logical() + most, rest.physical() + most, rest.length() - most, rest.written());
    }
    runs.add(rest);
  }

  /// Lays the tree out anew in the blocks it had; takes or gives back blocks as it needs.
  private void store(List<Run> runs, Deque<Long> nodes) throws IOException {
    List<byte[]> entries = new ArrayList<>(runs.size());
    for (Run run : runs) {
      byte[] entry = new byte[ENTRY];
      LittleEndian.put32(entry, 0, run.logical());
      LittleEndian.put16(
          entry, 4, (int) (run.written() ? run.length() : run.length() + MAX_WRITTEN));
      LittleEndian.put16(entry, 6, (int) (run.physical() >>> 32));
      LittleEndian.put32(entry, 8, run.physical());
      entries.add(entry);
    }
    int depth = 0;
    while (entries.size() > ROOT_ENTRIES) {
      entries = storeLevel(entries, depth++, nodes);
    }
    byte[] raw = inode.raw();
    java.util.Arrays.fill(raw, Inode.BLOCK_MAP, Inode.BLOCK_MAP + Inode.BLOCK_MAP_SIZE, (byte) 0);
    putHeader(raw, Inode.BLOCK_MAP, entries.size(), ROOT_ENTRIES, depth);
    for (int i = 0; i < entries.size(); i++) {
      System.arraycopy(entries.get(i), 0, raw, Inode.BLOCK_MAP + HEADER + i * ENTRY, ENTRY);
    }
    inode.addBlocks(volume.geometry, -nodes.size());
    for (long block : nodes) {
      volume.allocator.free(block, 1);
    }
  }

  /// Stores one level's nodes.
  ///
  /// @return the entries of the level above
  private List<byte[]> storeLevel(List<byte[]> entries, int depth, Deque<Long> nodes)
      throws IOException {
    int max = (volume.blocks.blockSize() - HEADER - 4) / ENTRY;
    List<byte[]> above = new ArrayList<>();
    for (int from = 0; from < entries.size(); from += max) {
      List<byte[]> part = entries.subList(from, Math.min(from + max, entries.size()));
      long block;
      if (nodes.isEmpty()) {
        block = volume.allocator.allocateBlock(volume.goal(inode));
        inode.addBlocks(volume.geometry, 1);
      } else {
        block = nodes.removeFirst();
      }
      byte[] bytes = volume.blocks.create(block);
      putHeader(bytes, 0, part.size(), max, depth);
      for (int i = 0; i < part.size(); i++) {
        System.arraycopy(part.get(i), 0, bytes, HEADER + i * ENTRY, ENTRY);
      }
      int tail = HEADER + max * ENTRY;
      if (volume.checksums.metadata()) {
        LittleEndian.put32(bytes, tail, sum(bytes, tail));
      }
      byte[] index = new byte[ENTRY];
      System.arraycopy(part.getFirst(), 0, index, 0, 4);
      LittleEndian.put32(index, 4, block);
      LittleEndian.put16(index, 8, (int) (block >>> 32));
      above.add(index);
    }
    return above;
  }
}
