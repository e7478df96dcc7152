package io.calco.disk.qcow2;

import io.calco.disk.Barrier;
import io.calco.disk.HostFile;
import java.io.IOException;

/// Brings changed metadata into the file in an order that may be interrupted anywhere: what is
/// referenced, and its refcounts, before the reference; a reference that is gone before its
/// refcount falls. See the package's chapter.
///
/// Thread rule: confined to whoever may change the image.
final class WriteOrder {
  private final HostFile file;
  private final Geometry geometry;
  private final GuestMap map;
  private final Refcounts refcounts;
  private final ClusterAllocator allocator;
  private final FreedClusters freed;
  private final Barrier barrier;

  WriteOrder(
      HostFile file,
      Geometry geometry,
      GuestMap map,
      Refcounts refcounts,
      ClusterAllocator allocator,
      FreedClusters freed,
      Barrier barrier) {
    this.file = file;
    this.geometry = geometry;
    this.map = map;
    this.refcounts = refcounts;
    this.allocator = allocator;
    this.freed = freed;
    this.barrier = barrier;
  }

  /// Writes when much waits in memory; called after every change.
  void relieve() throws IOException {
    if (map.slices().mustWrite() || freed.areMany()) {
      flush();
    }
  }

  /// Writes all that changed.
  void flush() throws IOException {
    writeRefcounts();
    if (map.slices().isChanged() || map.l1().isChanged()) {
      extendFile();
      barrier.raise();
      map.slices().writeChanges();
      map.l1().writeChanges();
    }
    if (!freed.isEmpty()) {
      barrier.raise();
      giveBack();
    }
  }

  /// Writes all that changed, and returns when it is on the medium.
  void sync() throws IOException {
    flush();
    barrier.sync();
  }

  /// Writes refcount blocks, then the refcount table's references to new ones.
  void writeRefcounts() throws IOException {
    refcounts.writeBlocks();
    if (refcounts.table().isChanged()) {
      barrier.raise();
      refcounts.table().writeChanges();
    }
  }

  /// A cluster that was allocated lies in the file whole, also when less of it was written.
  private void extendFile() throws IOException {
    if (file.size() < allocator.allocatedEnd()) {
      file.truncate(allocator.allocatedEnd());
    }
  }

  private void giveBack() throws IOException {
    for (ClusterRun run : freed.take()) {
      refcounts.add(run.first(), run.count(), -1);
      long from = run.first();
      while (from < run.end()) {
        long to = from;
        while (to < run.end() && refcounts.get(to) == 0) {
          to++;
        }
        if (to > from) {
          allocator.becameFree(from);
          punch(from, to);
        }
        from = to + 1;
      }
    }
    refcounts.writeBlocks();
  }

  private void punch(long first, long end) throws IOException {
    long from = first << geometry.clusterBits();
    long to = Math.min(end << geometry.clusterBits(), file.size());
    if (to > from) {
      file.punchHole(from, to - from);
    }
  }
}
