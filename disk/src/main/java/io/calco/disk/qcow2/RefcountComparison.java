package io.calco.disk.qcow2;

import io.calco.disk.DiskException;
import io.calco.disk.Findings;
import io.calco.disk.RepairScope;
import java.io.IOException;
import java.util.Optional;

/// Compares the refcounts of an image with the references counted, and makes them agree where that
/// is asked for. Confined.
final class RefcountComparison {
  private final Refcounts refcounts;
  private final ReferenceCounts references;
  private final Findings findings;
  private final Optional<RepairScope> mends;
  private long highest;
  private boolean usable = true;

  RefcountComparison(
      Refcounts refcounts,
      ReferenceCounts references,
      Findings findings,
      Optional<RepairScope> mends) {
    this.refcounts = refcounts;
    this.references = references;
    this.findings = findings;
    this.mends = mends;
  }

  /// The last cluster that is in use by either count.
  long highest() {
    return highest;
  }

  /// False when a cluster in use has no refcount at all: then the refcounts must be built anew.
  boolean usable() {
    return usable;
  }

  /// Compares the first `clusters` clusters.
  void run(long clusters) throws IOException {
    long cluster = 0;
    while (cluster < clusters) {
      long end = Math.min(clusters, refcounts.blockEnd(cluster));
      if (refcounts.isCovered(cluster)) {
        compareBlock(cluster, end);
      } else {
        long next = references.next(cluster);
        while (next < end) {
          compare(next, 0);
          next = references.next(next + 1);
        }
      }
      cluster = end;
    }
    refcounts.writeBlocks();
  }

  private void compareBlock(long from, long end) throws IOException {
    try {
      refcounts.get(from);
    } catch (DiskException e) {
      for (long cluster = from; cluster < end; cluster++) {
        findings.checkError(
            "Can't get refcount for cluster %d: %s", cluster, String.valueOf(e.getMessage()));
      }
      return;
    }
    long[] counts = refcounts.counts(from, Math.toIntExact(end - from));
    for (int i = 0; i < counts.length; i++) {
      long cluster = from + i;
      if (counts[i] != references.get(cluster)) {
        compare(cluster, counts[i]);
      } else if (counts[i] > 0) {
        highest = cluster;
      }
    }
  }

  private void compare(long cluster, long refcount) throws IOException {
    long reference = references.get(cluster);
    if (refcount > 0 || reference > 0) {
      highest = cluster;
    }
    if (refcount == reference) {
      return;
    }
    if (refcount == 0) {
      usable = false;
    } else if (refcount > reference
        ? mends.isPresent()
        : mends.equals(Optional.of(RepairScope.ALL))) {
      refcounts.set(cluster, reference);
      return;
    }
    if (refcount < reference) {
      findings.corruption("cluster %d refcount=%d reference=%d", cluster, refcount, reference);
    } else {
      findings.leak("cluster %d refcount=%d reference=%d", cluster, refcount, reference);
    }
  }
}
