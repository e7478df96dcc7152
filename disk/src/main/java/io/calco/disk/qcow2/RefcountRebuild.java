package io.calco.disk.qcow2;

import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Builds a refcount table and blocks anew, after everything else in the file, from the references
/// counted; then the header is changed to them. What was before is free afterwards. Confined.
final class RefcountRebuild {
  private final HostFile file;
  private final Qcow2Header header;
  private final Geometry geometry;
  private final ReferenceCounts references;

  /// @param references all but those of the old refcount table and blocks
  RefcountRebuild(HostFile file, Qcow2Header header, ReferenceCounts references) {
    this(file, header, header.geometry(), references);
  }

  /// @param geometry with the refcounts' new width
  RefcountRebuild(
      HostFile file, Qcow2Header header, Geometry geometry, ReferenceCounts references) {
    this.file = file;
    this.header = header;
    this.geometry = geometry;
    this.references = references;
  }

  void run() throws IOException {
    long first = Math.max(geometry.clustersFor(file.size()), references.end());
    int entriesPerCluster = geometry.clusterSize() / 8;
    long blocks = 0;
    long tableClusters = 1;
    while (true) {
      long end = first + tableClusters + blocks;
      long blockCount = blockIndex(end - 1) + 1;
      long needed = blocksNeeded(first, end);
      long tableNeeded = Math.ceilDiv(blockCount, entriesPerCluster);
      if (needed <= blocks && tableNeeded <= tableClusters) {
        break;
      }
      blocks = Math.max(blocks, needed);
      tableClusters = Math.max(tableClusters, tableNeeded);
    }
    if (tableClusters << geometry.clusterBits() > Qcow2Layout.REFCOUNT_TABLE_BYTES_MAX) {
      throw new LimitExceededException(
          file.name() + ": a new refcount table would be larger than 8 MiB");
    }
    write(first, tableClusters, blocks);
  }

  private long blockIndex(long cluster) {
    return cluster >>> geometry.refcountBlockBits();
  }

  /// Blocks that have a count other than zero when `[first, end)` is in use as well.
  private long blocksNeeded(long first, long end) {
    long needed = 0;
    long counted = -1;
    long cluster = references.next(0);
    while (cluster < references.end()) {
      long index = blockIndex(cluster);
      needed++;
      counted = index;
      cluster = references.next((index + 1) << geometry.refcountBlockBits());
    }
    return needed + blockIndex(end - 1) - Math.max(counted, blockIndex(first) - 1);
  }

  private void write(long first, long tableClusters, long blocks) throws IOException {
    long end = first + tableClusters + blocks;
    long[] table = new long[Math.toIntExact(tableClusters * (geometry.clusterSize() / 8))];
    long blockCluster = first + tableClusters;
    long blockLength = 1L << geometry.refcountBlockBits();
    for (long start = 0; start < end; start += blockLength) {
      long stop = Math.min(start + blockLength, end);
      if (stop <= first && references.next(start) >= stop) {
        continue;
      }
      MemorySegment block = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
      for (long cluster = start; cluster < stop; cluster++) {
        long count = cluster >= first ? 1 : references.get(cluster);
        RefcountWidth.set(block, cluster - start, geometry.refcountOrder(), count);
      }
      file.write(blockCluster << geometry.clusterBits(), block);
      table[(int) blockIndex(start)] = blockCluster << geometry.clusterBits();
      blockCluster++;
    }
    PointerTable.writeEntries(file, first << geometry.clusterBits(), table, 0, table.length);
    file.sync();
    header.setRefcountTable(
        first << geometry.clusterBits(), Math.toIntExact(tableClusters), geometry.refcountOrder());
    file.sync();
  }
}
