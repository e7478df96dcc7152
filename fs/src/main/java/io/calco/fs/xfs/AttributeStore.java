package io.calco.fs.xfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.FileType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SequencedMap;

/// Stores all of an inode's extended attributes anew: in the inode where they fit, else in leaves
/// of blocks, with a node above when it takes several, and long values in blocks of their own. The
/// data fork gives way as far as it must.
final class AttributeStore {
  private static final int ENTRIES = 80;
  private static final int MAX_RUNS = 12;
  private static final int LEAST_DATA = 24;

  private final Volume volume;
  private final Geometry geometry;
  private final Inode inode;

  AttributeStore(Volume volume, Inode inode) {
    this.volume = volume;
    this.geometry = volume.geometry;
    this.inode = inode;
  }

  /// An attribute to be stored.
  private static final class Entry {
    private final AttributeName name;
    private final byte[] value;
    private final int hash;
    private long block;

    Entry(AttributeName name, byte[] value) {
      this.name = name;
      this.value = value;
      this.hash = NameHash.of(name.suffix());
    }

    boolean isLocal(int blockSize) {
      return localSize() < blockSize / 4 * 3;
    }

    private int localSize() {
      return 3 + name.suffix().length + value.length + 3 & ~3;
    }

    int size(int blockSize) {
      return isLocal(blockSize) ? localSize() : 11 + name.suffix().length + 3 & ~3;
    }
  }

  /// Gives back the blocks of the attributes; the inode has none afterwards.
  void free() throws IOException {
    Fork.Content old = Fork.attributes(volume, inode);
    long blocks = old.treeBlocks().size();
    for (Extent extent : old.extents().all()) {
      volume.space.release(extent.start(), extent.count());
      blocks += extent.count();
    }
    for (long block : old.treeBlocks()) {
      volume.space.release(block, 1);
    }
    inode.putBlocks(inode.blocks() - blocks);
  }

  /// Stores them. The caller stores the inode.
  void store(SequencedMap<AttributeName, byte[]> attributes) throws IOException {
    free();
    int literal = inode.raw().length - inode.coreSize();
    if (attributes.isEmpty()) {
      refit(0, Inode.EXTENTS, 0);
      return;
    }
    int size = 4;
    boolean isShort = attributes.size() < 255;
    for (var attribute : attributes.entrySet()) {
      size += 3 + attribute.getKey().suffix().length + attribute.getValue().length;
      isShort &= attribute.getValue().length <= 255;
      isShort &= size <= literal - LEAST_DATA;
    }
    if (isShort) {
      refit((literal - size) & ~7, Inode.LOCAL, 0);
      storeShort(attributes, size);
    } else {
      storeBlocks(attributes, literal);
    }
  }

  /// Sets where the attributes begin, and stores the data so that it fits before them.
  private void refit(int at, int format, long extents) throws IOException {
    int room = at == 0 ? inode.raw().length - inode.coreSize() : at;
    if (inode.format() == Inode.LOCAL && inode.size() > room) {
      if (inode.type() == FileType.DIRECTORY) {
        var entries = volume.directories.entries(inode);
        long parent = DirectoryStore.parentOf(volume, inode);
        DirectoryStore store = new DirectoryStore(volume, inode, parent);
        inode.putAttributeFork(at, format, extents);
        store.store(entries);
      } else {
        byte[] target = FileData.target(volume, inode);
        inode.putAttributeFork(at, format, extents);
        new FileStore(volume, inode).storeTarget(target);
      }
    } else if (inode.format() == Inode.EXTENTS || inode.format() == Inode.BTREE) {
      Fork.Content data = Fork.data(volume, inode);
      inode.putAttributeFork(at, format, extents);
      new ForkStore(volume, inode).store(data.extents().all(), data.treeBlocks());
    } else {
      inode.putAttributeFork(at, format, extents);
    }
    if (at != 0) {
      Arrays.fill(inode.raw(), inode.attributeForkAt(), inode.raw().length, (byte) 0);
    } else if (inode.format() == Inode.LOCAL) {
      int end = inode.coreSize() + (int) inode.size();
      Arrays.fill(inode.raw(), end, inode.raw().length, (byte) 0);
    }
  }

  private void storeShort(SequencedMap<AttributeName, byte[]> attributes, int size) {
    byte[] raw = inode.raw();
    int at = inode.attributeForkAt();
    BigEndian.put16(raw, at, size);
    BigEndian.put8(raw, at + 2, attributes.size());
    at += 4;
    for (var attribute : attributes.entrySet()) {
      byte[] name = attribute.getKey().suffix();
      byte[] value = attribute.getValue();
      BigEndian.put8(raw, at, name.length);
      BigEndian.put8(raw, at + 1, value.length);
      BigEndian.put8(raw, at + 2, attribute.getKey().space());
      System.arraycopy(name, 0, raw, at + 3, name.length);
      System.arraycopy(value, 0, raw, at + 3 + name.length, value.length);
      at += 3 + name.length + value.length;
    }
  }

  private void storeBlocks(SequencedMap<AttributeName, byte[]> attributes, int literal)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    attributes.forEach((name, value) -> entries.add(new Entry(name, value)));
    entries.sort(Comparator.comparing((Entry entry) -> entry.hash, Integer::compareUnsigned));
    List<List<Entry>> leaves = leaves(entries);
    long total = leaves.size() == 1 ? 1 : leaves.size() + 1;
    int perValue = geometry.blockSize() - Attributes.VALUE_HEADER;
    for (Entry entry : entries) {
      if (!entry.isLocal(geometry.blockSize())) {
        entry.block = total;
        total += (entry.value.length + perValue - 1) / perValue;
      }
    }
    int near = geometry.groupOfInode(inode.number());
    List<Extent> runs = ForkStore.join(volume.space.take(near, total));
    if (runs.size() > MAX_RUNS || leaves.size() > (geometry.blockSize() - 64) / 8) {
      throw new LimitExceededException(
          "xfs file system: inode %d: its attributes would take %d leaves and %d runs of blocks"
              .formatted(inode.number(), leaves.size(), runs.size()));
    }
    int size = Math.max(3, runs.size()) * Extent.SIZE;
    refit((literal - size) & ~7, Inode.EXTENTS, runs.size());
    for (int i = 0; i < runs.size(); i++) {
      runs.get(i).store(inode.raw(), inode.attributeForkAt() + i * Extent.SIZE);
    }
    inode.putBlocks(inode.blocks() + total);
    ExtentList extents = new ExtentList(runs);
    for (int i = 0; i < leaves.size(); i++) {
      storeLeaf(extents, leaves, i);
    }
    if (leaves.size() > 1) {
      storeNode(extents, leaves);
    }
    for (Entry entry : entries) {
      if (entry.block != 0) {
        storeValue(extents, entry);
      }
    }
  }

  /// Shares the entries out to leaves.
  private List<List<Entry>> leaves(List<Entry> entries) {
    List<List<Entry>> leaves = new ArrayList<>();
    int room = 0;
    for (Entry entry : entries) {
      int size = 8 + entry.size(geometry.blockSize());
      if (size > room) {
        leaves.add(new ArrayList<>());
        room = geometry.blockSize() - ENTRIES;
      }
      leaves.getLast().add(entry);
      room -= size;
    }
    return leaves;
  }

  private long linear(ExtentList extents, long block) {
    Extent extent = extents.at(block).orElseThrow();
    return geometry.linear(extent.part(block, block + 1).start());
  }

  private void put(ExtentList extents, long at, byte[] block, int type) {
    long linear = linear(extents, at);
    Metadata.INDEX.claim(geometry, block, linear << geometry.blockBits, inode.number());
    Metadata.INDEX.seal(block, 0, block.length);
    volume.blocks.put(linear, block, new Blocks.Buffer(linear, 1, type));
  }

  private void storeLeaf(ExtentList extents, List<List<Entry>> leaves, int index) {
    List<Entry> entries = leaves.get(index);
    byte[] block = new byte[geometry.blockSize()];
    int first = leaves.size() == 1 ? 0 : 1;
    BigEndian.put32(block, 0, index + 1 == leaves.size() ? 0 : first + index + 1);
    BigEndian.put32(block, 4, index == 0 ? 0 : first + index - 1);
    BigEndian.put16(block, 8, Attributes.LEAF_MAGIC_5);
    int at = block.length;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      at -= entry.size(block.length);
      boolean local = entry.isLocal(block.length);
      int header = ENTRIES + i * 8;
      BigEndian.put32(block, header, entry.hash);
      BigEndian.put16(block, header + 4, at);
      BigEndian.put8(block, header + 6, entry.name.space() | (local ? Attributes.FLAG_LOCAL : 0));
      byte[] name = entry.name.suffix();
      if (local) {
        BigEndian.put16(block, at, entry.value.length);
        BigEndian.put8(block, at + 2, name.length);
        System.arraycopy(name, 0, block, at + 3, name.length);
        System.arraycopy(entry.value, 0, block, at + 3 + name.length, entry.value.length);
      } else {
        BigEndian.put32(block, at, entry.block);
        BigEndian.put32(block, at + 4, entry.value.length);
        BigEndian.put8(block, at + 8, name.length);
        System.arraycopy(name, 0, block, at + 9, name.length);
      }
    }
    int end = ENTRIES + entries.size() * 8;
    BigEndian.put16(block, 56, entries.size());
    BigEndian.put16(block, 58, block.length - at);
    BigEndian.put16(block, 60, at);
    BigEndian.put16(block, 64, end);
    BigEndian.put16(block, 66, at - end);
    put(extents, first + index, block, Buffers.ATTRIBUTES);
  }

  private void storeNode(ExtentList extents, List<List<Entry>> leaves) {
    byte[] node = new byte[geometry.blockSize()];
    BigEndian.put16(node, 8, Attributes.NODE_MAGIC_5);
    BigEndian.put16(node, 56, leaves.size());
    BigEndian.put16(node, 58, 1);
    for (int i = 0; i < leaves.size(); i++) {
      BigEndian.put32(node, 64 + i * 8, leaves.get(i).getLast().hash);
      BigEndian.put32(node, 68 + i * 8, i + 1);
    }
    put(extents, 0, node, Buffers.NODE);
  }

  /// Writes a value at once: into blocks that were free.
  private void storeValue(ExtentList extents, Entry entry) throws IOException {
    int header = Attributes.VALUE_HEADER;
    int done = 0;
    for (long at = entry.block; done < entry.value.length; at++) {
      byte[] block = new byte[geometry.blockSize()];
      int part = Math.min(entry.value.length - done, block.length - header);
      BigEndian.put32(block, 0, Attributes.VALUE_MAGIC);
      BigEndian.put32(block, 4, done);
      BigEndian.put32(block, 8, part);
      System.arraycopy(entry.value, done, block, header, part);
      long linear = linear(extents, at);
      long offset = linear << geometry.blockBits;
      Metadata.REMOTE_VALUE.claim(geometry, block, offset, inode.number());
      BigEndian.put64(block, 48, -1);
      Metadata.REMOTE_VALUE.seal(block, 0, block.length);
      volume.blocks.writeContent(linear, MemorySegment.ofArray(block));
      done += part;
    }
  }
}
