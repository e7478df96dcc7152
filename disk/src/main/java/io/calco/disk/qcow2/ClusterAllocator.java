package io.calco.disk.qcow2;

import io.calco.disk.Barrier;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;

/// Finds free host clusters and raises their refcounts, making refcount blocks and a larger
/// refcount table as they are needed.
///
/// Thread rule: confined to whoever may change the image.
final class ClusterAllocator {
  /// Spec: host offsets have 56 bits.
  private static final long HOST_LIMIT = 1L << 56;

  private final HostFile file;
  private final Qcow2Header header;
  private final Geometry geometry;
  private final Refcounts refcounts;
  private final FreedClusters freed;
  private final Barrier barrier;

  /// No cluster before it is free.
  private long searchFrom;

  /// The first cluster after all that were allocated here.
  private long allocatedEnd;

  private long timesFreed;

  ClusterAllocator(
      HostFile file,
      Qcow2Header header,
      Refcounts refcounts,
      FreedClusters freed,
      Barrier barrier) {
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.refcounts = refcounts;
    this.freed = freed;
    this.barrier = barrier;
    this.searchFrom = 1;
  }

  /// The first host byte after all clusters that were allocated here.
  long allocatedEnd() {
    return allocatedEnd << geometry.clusterBits();
  }

  /// Allocates a run of at least one cluster and at most `most`, the lowest that is free.
  ClusterRun allocateRun(long most) throws IOException {
    long first = firstFree(searchFrom);
    long end = Math.min(first + most, refcounts.blockEnd(first));
    long cluster = first + 1;
    while (cluster < end && refcounts.get(cluster) == 0) {
      cluster++;
    }
    take(first, cluster - first);
    searchFrom = cluster;
    return new ClusterRun(first, cluster - first);
  }

  /// Allocates the cluster `cluster`, if it is free; for what should lie right after something.
  boolean allocateAt(long cluster) throws IOException {
    if (cluster < searchFrom || !refcounts.isCovered(cluster) || refcounts.get(cluster) != 0) {
      return false;
    }
    take(cluster, 1);
    if (searchFrom == cluster) {
      searchFrom++;
    }
    return true;
  }

  private void take(long first, long count) throws IOException {
    checkLimit(first + count);
    refcounts.add(first, count, 1);
    allocatedEnd = Math.max(allocatedEnd, first + count);
  }

  private void checkLimit(long endCluster) throws IOException {
    if (endCluster >= HOST_LIMIT >>> geometry.clusterBits()) {
      throw new LimitExceededException(
          file.name() + ": the image file would be larger than 2^56 bytes");
    }
  }

  private long firstFree(long from) throws IOException {
    long cluster = from;
    while (true) {
      checkLimit(cluster);
      if (!refcounts.tableReaches(cluster)) {
        growTable(cluster);
      } else if (!refcounts.isCovered(cluster)) {
        long blockCluster = Math.max(refcounts.blockStart(cluster), 1);
        refcounts.addBlock(cluster, blockCluster);
        take(blockCluster, 1);
      } else if (refcounts.get(cluster) == 0) {
        return cluster;
      } else {
        cluster++;
      }
    }
  }

  /// Allocates `count` clusters in one run, and returns the first.
  long allocateTable(long count) throws IOException {
    while (true) {
      long first = findRun(count);
      long blocks = missingBlocks(first, count);
      first = findRun(count + blocks);
      long all = count + missingBlocks(first, count + blocks);
      if (all > count + blocks) {
        first = findRun(all);
        all = count + missingBlocks(first, all);
      }
      checkLimit(first + all);
      if (refcounts.tableReaches(first + all)) {
        coverAndTake(first, count, all);
        return first;
      }
      growTable(first + all);
    }
  }

  /// Takes `count` clusters from `first`, and after them those for the blocks that are missing in
  /// `[first, first + all)`.
  private void coverAndTake(long first, long count, long all) throws IOException {
    long blockCluster = first + count;
    for (long at = first; at < first + all; at = refcounts.blockEnd(at)) {
      if (!refcounts.isCovered(at)) {
        refcounts.addBlock(at, blockCluster++);
      }
    }
    take(first, blockCluster - first);
  }

  private long missingBlocks(long first, long count) {
    long missing = 0;
    for (long at = first; at < first + count; at = refcounts.blockEnd(at)) {
      if (!refcounts.isCovered(at)) {
        missing++;
      }
    }
    return missing;
  }

  /// The lowest run of `count` free clusters, covered by refcount blocks or not.
  private long findRun(long count) throws IOException {
    long first = searchFrom;
    for (long cluster = first; cluster < first + count; ) {
      if (!refcounts.isCovered(cluster)) {
        cluster = refcounts.blockEnd(cluster);
      } else if (refcounts.get(cluster) == 0) {
        cluster++;
      } else {
        cluster++;
        first = cluster;
      }
    }
    return first;
  }

  /// Moves the refcount table to where it is large enough to reach `cluster`, and half as much
  /// again.
  ///
  /// The blocks go first, then the new table, then the header: each step leaves an image whose
  /// references are all counted.
  private void growTable(long cluster) throws IOException {
    int entriesPerCluster = geometry.clusterSize() / 8;
    long clustersPerEntry = 1L << geometry.refcountBlockBits();
    long wanted = Math.max(cluster / clustersPerEntry + 1, refcounts.table().count() * 3L / 2);
    long first;
    long tableClusters;
    long all;
    while (true) {
      tableClusters = (wanted + entriesPerCluster - 1) / entriesPerCluster;
      checkTable(tableClusters);
      long most = tableClusters + tableClusters / (clustersPerEntry - 1) + 3;
      first = findRun(most);
      all = tableClusters + missingBlocks(first, most);
      long reached = tableClusters * entriesPerCluster * clustersPerEntry;
      if (first + most < reached) {
        break;
      }
      wanted = (first + most) / clustersPerEntry + 1;
    }
    PointerTable table = refcounts.table();
    long oldFirst = geometry.clusterOf(table.hostOffset());
    int oldClusters = header.refcountTableClusters();
    table.extend(Math.toIntExact(tableClusters * entriesPerCluster));
    coverAndTake(first, tableClusters, all);
    refcounts.writeBlocks();
    table.writeTo(first << geometry.clusterBits());
    barrier.raise();
    header.setRefcountTable(first << geometry.clusterBits(), Math.toIntExact(tableClusters));
    freed.add(oldFirst, oldClusters);
  }

  private void checkTable(long tableClusters) throws IOException {
    if (tableClusters << geometry.clusterBits() > Qcow2Layout.REFCOUNT_TABLE_BYTES_MAX) {
      throw new LimitExceededException(
          "%s: the refcount table would be larger than 8 MiB; a larger cluster size is needed"
              .formatted(file.name()));
    }
  }

  /// Hears that the cluster's refcount fell to zero.
  void becameFree(long cluster) {
    searchFrom = Math.min(searchFrom, cluster);
    timesFreed++;
  }

  /// Changes whenever clusters may have changed hands.
  long timesFreed() {
    return timesFreed;
  }
}
