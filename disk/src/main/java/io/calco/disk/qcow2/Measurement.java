package io.calco.disk.qcow2;

import io.calco.disk.CreateOptions;
import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MeasuredSize;
import java.io.IOException;

/// How large a new image will be, by the numbers of clusters alone. Equal to `qemu-img measure`
/// 7.2, which counts the tables of the fully allocated image in both of its answers.
final class Measurement {
  private Measurement() {}

  static MeasuredSize of(Disk disk, CreateOptions options) throws IOException {
    Qcow2CreateOptions layout = Qcow2CreateOptions.of(options);
    Geometry geometry = layout.geometry();
    long dataClusters = geometry.clustersFor(Math.max(options.size(), disk.size()));
    long tables = Math.ceilDiv(dataClusters, geometry.l2Entries());
    if (tables * 8 > Qcow2Layout.L1_BYTES_MAX) {
      throw new LimitExceededException(
          "a disk of %d bytes needs an L1 table of more than 32 MiB with clusters of %d bytes"
              .formatted(options.size(), geometry.clusterSize()));
    }
    long counted = 1 + tables + geometry.clustersFor(8 * tables) + dataClusters;
    long all = counted + refcountClusters(geometry, counted);
    if (layout.encryption().isPresent()) {
      all += geometry.clustersFor(layout.encryption().get().payloadOffset());
    }
    long required =
        switch (layout.preallocation()) {
          case FALLOC, FULL -> dataClusters;
          case OFF, METADATA ->
              options.backing().isPresent()
                  ? dataClusters
                  : DataUnits.of(disk, geometry.clusterSize()).count();
        };
    int bits = geometry.clusterBits();
    return new MeasuredSize(
        Math.multiplyExact(all - dataClusters + required, 1L << bits),
        Math.multiplyExact(all, 1L << bits));
  }

  /// Clusters of refcount table and blocks for so many other clusters, and for themselves.
  static long refcountClusters(Geometry geometry, long others) {
    long perBlock = 1L << geometry.refcountBlockBits();
    long own = 0;
    while (true) {
      long blocks = Math.ceilDiv(others + own, perBlock);
      long needed = blocks + geometry.clustersFor(8 * blocks);
      if (needed == own) {
        return own;
      }
      own = needed;
    }
  }
}
