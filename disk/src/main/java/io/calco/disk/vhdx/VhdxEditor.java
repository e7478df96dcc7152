package io.calco.disk.vhdx;

import io.calco.disk.Allocation;
import io.calco.disk.Barrier;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Changes of an open image. Confined.
final class VhdxEditor {
  private final HostFile file;
  private final Metadata metadata;
  private final MetadataPages pages;
  private final HostSpace space;
  private final Barrier barrier;
  private final LogWriter log;

  /// Host offsets of blocks that are given up in memory, and not yet in the file.
  private final List<Long> freed = new ArrayList<>();

  /// Room for guest bytes.
  ///
  /// @param fresh blocks that nothing names yet, from `hostBlock` on
  record Space(long offset, long length, HostFile file, long hostOffset, long hostBlock, long fresh)
      implements Allocation {}

  /// @param check sound; whose space is taken over
  VhdxEditor(
      HostFile file, VhdxHeader header, Metadata metadata, MetadataPages pages, BlockCheck check) {
    this.file = file;
    this.metadata = metadata;
    this.pages = pages;
    this.space = check.space();
    this.barrier = new Barrier(file::sync, check.hasData());
    this.log = new LogWriter(file, header, barrier);
  }

  VhdxHeader header() {
    return log.header();
  }

  /// Says that the image changes.
  void begin() throws IOException {
    log.begin();
  }

  private long blockSize() {
    return metadata.blockSize();
  }

  /// Space for a run that begins in a block without, or in a block that is partly there: the bytes
  /// asked for, no more. The rest of a new block is a hole of the file, and reads as zeroes.
  Space allocate(BlockTable table, long offset, long length) throws IOException {
    long block = offset / blockSize();
    long entry = table.block(block);
    if (!BlockTable.isAbsent(entry)) {
      long inBlock = Math.min(length, (block + 1) * blockSize() - offset);
      return wholeSectors(offset, inBlock, BlockTable.host(entry), 0);
    }
    long end = offset + length;
    long count = 1;
    while ((block + count) * blockSize() < end && BlockTable.isAbsent(table.block(block + count))) {
      count++;
    }
    long gap = space.gap(file.size(), blockSize());
    count = gap < 0 ? count : 1;
    long host = gap < 0 ? append(count * blockSize()) : reuse(gap, blockSize());
    long runEnd = Math.min(end, (block + count) * blockSize());
    return wholeSectors(offset, runEnd - offset, host, count);
  }

  /// Takes space after the end of the file, which reads as zeroes.
  private long append(long length) throws IOException {
    long host = VhdxLayout.up(file.size(), VhdxLayout.MIB);
    if (!HostSpace.covers(host, length)) {
      throw new LimitExceededException(file.name() + ": the file would be too long");
    }
    file.truncate(host + length);
    space.take(host, length);
    return host;
  }

  /// Takes free space inside the file, where old bytes may lie.
  private long reuse(long host, long length) throws IOException {
    file.punchHole(host, length);
    space.take(host, length);
    return host;
  }

  /// A differencing image has whole sectors.
  private Space wholeSectors(long offset, long length, long hostBlock, long fresh) {
    int sector = metadata.parent().isPresent() ? metadata.sector() : 1;
    long start = offset - offset % sector;
    long end = VhdxLayout.up(offset + length, sector);
    return new Space(start, end - start, file, hostBlock + start % blockSize(), hostBlock, fresh);
  }

  void abandon(Space given) {
    space.free(given.hostBlock(), given.fresh() * blockSize());
  }

  void commit(BlockTable table, Space given) throws IOException {
    long first = given.offset() / blockSize();
    long end = given.offset() + given.length();
    for (long block = first; block * blockSize() < end; block++) {
      long entry = table.block(block);
      boolean fresh = given.fresh() > 0;
      long host =
          fresh ? given.hostBlock() + (block - first) * blockSize() : BlockTable.host(entry);
      long blockStart = block * blockSize();
      long blockEnd = blockStart + blockSize();
      long from = Math.max(given.offset(), blockStart);
      long to = Math.min(end, blockEnd);
      boolean partly = fresh ? isBelow(entry) : BlockTable.state(entry) == BlockTable.PARTIAL;
      if (partly && to - from < blockSize()) {
        if (fresh) {
          setSectors(table, block, blockStart, blockEnd, false);
        }
        setSectors(table, block, from, to, true);
        table.setBlock(block, BlockTable.PARTIAL, host);
      } else {
        table.setBlock(block, BlockTable.PRESENT, host);
      }
    }
    flushMuch();
  }

  private void flushMuch() throws IOException {
    if (pages.mustCommit()) {
      flush();
    }
  }

  /// True when the parent's block is seen.
  private boolean isBelow(long entry) {
    return metadata.parent().isPresent() && BlockTable.state(entry) == BlockTable.NOT_PRESENT;
  }

  private void setSectors(BlockTable table, long block, long from, long to, boolean own)
      throws IOException {
    long bitmap = table.bitmap(block);
    long host = BlockTable.host(bitmap);
    if (BlockTable.state(bitmap) != BlockTable.PRESENT) {
      host = append(VhdxLayout.MIB);
      table.setBitmap(block, host);
    }
    long chunkStart = block / table.chunkRatio() * table.chunkRatio() * blockSize();
    pages.setBits(
        host, (from - chunkStart) / metadata.sector(), (to - chunkStart) / metadata.sector(), own);
  }

  /// Zeroes what can be by metadata, and by holes of the file; how many bytes from `offset` on.
  long zero(BlockTable table, long size, long offset, long length) throws IOException {
    long end = offset + length;
    long at = offset;
    while (at < end) {
      long block = at / blockSize();
      long blockEnd = Math.min((block + 1) * blockSize(), size);
      long to = Math.min(blockEnd, end);
      boolean whole = at % blockSize() == 0 && to == blockEnd;
      if (!zeroBlock(table, block, at % blockSize(), to - at, whole)) {
        break;
      }
      at = to;
    }
    flushMuch();
    return at - offset;
  }

  private boolean zeroBlock(BlockTable table, long block, long from, long length, boolean whole)
      throws IOException {
    long entry = table.block(block);
    if (BlockTable.isAbsent(entry)) {
      if (isBelow(entry) && whole) {
        table.setBlock(block, BlockTable.ZERO, 0);
      }
      return whole || !isBelow(entry);
    }
    if (whole && !metadata.fixed()) {
      free(BlockTable.host(entry));
      table.setBlock(block, BlockTable.ZERO, 0);
      return true;
    }
    if (BlockTable.state(entry) == BlockTable.PRESENT) {
      file.punchHole(BlockTable.host(entry) + from, length);
      return true;
    }
    return false;
  }

  private void free(long host) {
    freed.add(host);
  }

  /// Gives up the blocks from one on, which are beyond the end of the disk from now on.
  void drop(BlockTable table, long firstBlock) throws IOException {
    for (long block = firstBlock; block < table.blocks(); block++) {
      long entry = table.block(block);
      if (!BlockTable.isAbsent(entry)) {
        free(BlockTable.host(entry));
      }
      table.setBlock(block, BlockTable.NOT_PRESENT, 0);
      flushMuch();
    }
  }

  /// Makes entries for blocks that the disk did not have before, whatever lies in their place.
  void add(BlockTable table, long firstBlock) throws IOException {
    boolean differencing = metadata.parent().isPresent();
    for (long block = firstBlock; block < table.blocks(); block++) {
      if (metadata.fixed()) {
        table.setBlock(block, BlockTable.PRESENT, append(blockSize()));
      } else {
        table.setBlock(block, BlockTable.NOT_PRESENT, 0);
      }
      if (differencing && block % table.chunkRatio() == 0) {
        table.clearBitmap(block);
      }
      flushMuch();
    }
  }

  /// Brings all metadata into the file.
  void flush() throws IOException {
    if (pages.isChanged()) {
      log.commit(pages);
      if (!freed.isEmpty()) {
        barrier.raise();
        for (long host : freed) {
          file.punchHole(host, blockSize());
          space.free(host, blockSize());
        }
        freed.clear();
      }
    }
  }

  void sync() throws IOException {
    flush();
    barrier.sync();
  }

  /// The image is closed in order.
  void end() throws IOException {
    flush();
    log.end();
  }
}
