package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// The refcounts of all host clusters: the refcount table in memory, refcount blocks cached.
///
/// A changed block may be written at any time, because the callers only ever raise a count before
/// the reference that needs it is written, and lower one after the reference is gone for good.
///
/// Thread rule: confined to whoever may change the image.
final class Refcounts {
  private static final long TABLE_RESERVED = 511;
  private static final int MEMORY_BYTES = 8 << 20;

  private static final class Block {
    final long hostOffset;
    final MemorySegment bytes;
    boolean changed;

    Block(long hostOffset, MemorySegment bytes) {
      this.hostOffset = hostOffset;
      this.bytes = bytes;
    }
  }

  private final HostFile file;
  private final Geometry geometry;
  private final PointerTable table;
  private final int capacity;
  private final LinkedHashMap<Integer, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Block lastBlock;
  private int lastIndex = -1;

  Refcounts(HostFile file, Geometry geometry, PointerTable table) {
    this.file = file;
    this.geometry = geometry;
    this.table = table;
    this.capacity = Math.max(4, MEMORY_BYTES / geometry.clusterSize());
  }

  PointerTable table() {
    return table;
  }

  private long blockIndex(long cluster) {
    return cluster >>> geometry.refcountBlockBits();
  }

  /// The first cluster after those whose refcounts stand in the same block.
  long blockEnd(long cluster) {
    return (blockIndex(cluster) + 1) << geometry.refcountBlockBits();
  }

  /// The first cluster whose refcount stands in the same block.
  long blockStart(long cluster) {
    return blockIndex(cluster) << geometry.refcountBlockBits();
  }

  /// True when the table has an entry for the cluster's block.
  boolean tableReaches(long cluster) {
    return blockIndex(cluster) < table.count();
  }

  /// True when the cluster's refcount stands in a block that exists.
  boolean isCovered(long cluster) {
    return tableReaches(cluster) && table.get((int) blockIndex(cluster)) != 0;
  }

  /// The refcount; 0 where no block exists.
  long get(long cluster) throws IOException {
    return isCovered(cluster)
        ? RefcountWidth.get(
            block((int) blockIndex(cluster)).bytes, inBlock(cluster), geometry.refcountOrder())
        : 0;
  }

  private long inBlock(long cluster) {
    return cluster & ((1L << geometry.refcountBlockBits()) - 1);
  }

  /// Adds to the refcounts of a run of clusters, all of which are covered.
  ///
  /// @throws CorruptImageException when a count would fall below zero
  /// @throws LimitExceededException when a count would not fit
  void add(long first, long count, int delta) throws IOException {
    for (long cluster = first; cluster < first + count; ) {
      if (!isCovered(cluster)) {
        check(cluster, 0, -1);
      }
      Block block = block((int) blockIndex(cluster));
      long end = Math.min(first + count, blockEnd(cluster));
      block.changed = true;
      for (; cluster < end; cluster++) {
        long now = RefcountWidth.get(block.bytes, inBlock(cluster), geometry.refcountOrder());
        long next = now + delta;
        check(cluster, now, next);
        RefcountWidth.set(block.bytes, inBlock(cluster), geometry.refcountOrder(), next);
      }
    }
  }

  /// Sets the refcount of a cluster that is covered, for a repair.
  void set(long cluster, long count) throws IOException {
    Block block = block((int) blockIndex(cluster));
    block.changed = true;
    RefcountWidth.set(block.bytes, inBlock(cluster), geometry.refcountOrder(), count);
  }

  private void check(long cluster, long now, long next) throws IOException {
    if (next < 0) {
      throw CorruptImageException.at(
          file.name(),
          "refcount of a cluster in use",
          cluster << geometry.clusterBits(),
          now,
          "at least 1");
    }
    if (next > geometry.refcountMax()) {
      throw new LimitExceededException(
          "%s: refcount of the cluster at 0x%x does not fit in %d bits"
              .formatted(file.name(), cluster << geometry.clusterBits(), geometry.refcountBits()));
    }
  }

  /// Makes a new block of zero counts at `blockCluster` for the block that `cluster` belongs to;
  /// the table reaches it.
  void addBlock(long cluster, long blockCluster) throws IOException {
    long hostOffset = blockCluster << geometry.clusterBits();
    Block block = new Block(hostOffset, MemorySegment.ofArray(new byte[geometry.clusterSize()]));
    block.changed = true;
    int index = (int) blockIndex(cluster);
    keep(index, block);
    table.set(index, hostOffset);
  }

  private Block block(int index) throws IOException {
    if (index == lastIndex && lastBlock != null) {
      return lastBlock;
    }
    Block block = blocks.get(index);
    if (block == null) {
      block = readBlock(index);
      keep(index, block);
    }
    lastIndex = index;
    lastBlock = block;
    return block;
  }

  private Block readBlock(int index) throws IOException {
    long entry = table.get(index);
    if ((entry & TABLE_RESERVED) != 0 || geometry.inCluster(entry) != 0 || entry < 0) {
      throw CorruptImageException.at(
          file.name(),
          "refcount table entry",
          table.hostOffset() + 8L * index,
          "0x%x".formatted(entry),
          "the offset of a cluster");
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
    try {
      file.read(entry, bytes);
    } catch (EOFException e) {
      throw CorruptImageException.at(
          file.name(), "refcount block", entry, "the end of the file", "a whole cluster");
    }
    return new Block(entry, bytes);
  }

  private void keep(int index, Block block) throws IOException {
    Iterator<Block> eldest = blocks.values().iterator();
    while (blocks.size() >= capacity && eldest.hasNext()) {
      write(eldest.next());
      eldest.remove();
    }
    blocks.put(index, block);
    lastIndex = index;
    lastBlock = block;
  }

  private void write(Block block) throws IOException {
    if (block.changed) {
      file.write(block.hostOffset, block.bytes);
      block.changed = false;
    }
  }

  /// True when a block or the table is changed.
  boolean isChanged() {
    return table.isChanged() || blocks.values().stream().anyMatch(block -> block.changed);
  }

  /// Writes the changed blocks; not the table.
  void writeBlocks() throws IOException {
    for (Block block : blocks.values()) {
      write(block);
    }
  }
}
