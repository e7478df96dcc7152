package io.calco.disk.qcow2;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Host clusters that lost a reference in memory and will lose a refcount once that is on the
/// medium. Until then they are not used again.
final class FreedClusters {
  /// So many that they should be given back: what a long overwriting may take of the host.
  private static final long CLUSTERS_MAX = 1 << 16;

  private static final long BYTES_MAX = 256L << 20;

  private final int clusterBits;
  private final List<ClusterRun> runs = new ArrayList<>();
  private long clusters;

  FreedClusters(int clusterBits) {
    this.clusterBits = clusterBits;
  }

  /// Notes that each cluster of the run lost one reference.
  void add(long first, long count) {
    clusters += count;
    if (!runs.isEmpty() && runs.getLast().end() == first) {
      ClusterRun last = runs.removeLast();
      runs.add(new ClusterRun(last.first(), last.count() + count));
    } else {
      runs.add(new ClusterRun(first, count));
    }
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  /// True when so many wait that they should be given back.
  boolean areMany() {
    return clusters > CLUSTERS_MAX || clusters << clusterBits > BYTES_MAX;
  }

  /// Takes all of them out, in host order.
  List<ClusterRun> take() {
    runs.sort(Comparator.comparingLong(ClusterRun::first));
    List<ClusterRun> all = List.copyOf(runs);
    runs.clear();
    clusters = 0;
    return all;
  }
}
