package io.calco.disk.qcow2;

/// The sizes that everything in one image is counted in.
///
/// @param version 2 or 3
/// @param clusterBits log2 of the cluster size; 9–21
/// @param refcountOrder log2 of the bits in a refcount; 0–6
/// @param extendedL2 L2 entries have a bitmap of 32 subclusters
record Geometry(int version, int clusterBits, int refcountOrder, boolean extendedL2) {

  int clusterSize() {
    return 1 << clusterBits;
  }

  /// Guest bytes that can be allocated apart: a subcluster with extended L2 entries, else a
  /// cluster.
  int unitSize() {
    return extendedL2 ? clusterSize() / Qcow2Layout.SUBCLUSTERS : clusterSize();
  }

  /// 64-bit words in an L2 entry.
  int entryWords() {
    return extendedL2 ? 2 : 1;
  }

  /// log2 of the entries in an L2 table.
  int l2Bits() {
    return clusterBits - (extendedL2 ? 4 : 3);
  }

  int l2Entries() {
    return 1 << l2Bits();
  }

  /// log2 of the guest bytes that one L2 table maps.
  int l2CoverBits() {
    return clusterBits + l2Bits();
  }

  /// log2 of the refcounts in a refcount block.
  int refcountBlockBits() {
    return clusterBits + 3 - refcountOrder;
  }

  int refcountBits() {
    return 1 << refcountOrder;
  }

  /// The largest refcount; unsigned maximum cut to what a `long` holds.
  long refcountMax() {
    return refcountOrder == 6 ? Long.MAX_VALUE : (1L << refcountBits()) - 1;
  }

  long clusterOf(long offset) {
    return offset >>> clusterBits;
  }

  long inCluster(long offset) {
    return offset & (clusterSize() - 1L);
  }

  long clusterStart(long offset) {
    return offset & -(long) clusterSize();
  }

  /// Clusters that hold `bytes`.
  long clustersFor(long bytes) {
    return (bytes >>> clusterBits) + (inCluster(bytes) == 0 ? 0 : 1);
  }

  /// L1 entries that a disk of `bytes` needs.
  long l1EntriesFor(long bytes) {
    long covered = 1L << l2CoverBits();
    return (bytes >>> l2CoverBits()) + ((bytes & (covered - 1)) == 0 ? 0 : 1);
  }
}
