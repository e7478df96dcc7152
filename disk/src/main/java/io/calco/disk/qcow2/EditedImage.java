package io.calco.disk.qcow2;

import io.calco.disk.Barrier;
import io.calco.disk.HostFile;
import java.io.IOException;

/// An image that is being changed: what all changes work with.
///
/// Thread rule: confined to whoever may change the image.
record EditedImage(
    HostFile file,
    Qcow2Header header,
    GuestMap map,
    Refcounts refcounts,
    ClusterAllocator allocator,
    FreedClusters freed,
    Barrier barrier,
    WriteOrder order) {

  Geometry geometry() {
    return header.geometry();
  }

  /// Finds room for `length` bytes of a table, counted in memory.
  ///
  /// @return its host offset; 0 for a table of no bytes
  long allocateTable(long length) throws IOException {
    return length == 0
        ? 0
        : allocator.allocateTable(geometry().clustersFor(length)) << geometry().clusterBits();
  }

  /// Notes that the clusters of a table lose a reference.
  void freeTable(long offset, long length) {
    if (length > 0) {
      freed.add(geometry().clusterOf(offset), geometry().clustersFor(length));
    }
  }

  /// Brings everything written so far, and the refcounts of everything allocated, to the medium:
  /// before a reference to it is written.
  void settle() throws IOException {
    order.writeRefcounts();
    barrier.sync();
  }

  /// Says in the header that refcounts and the marks of shared clusters may disagree, so that the
  /// next writer mends them should this one not come to its end. Version 2 cannot say so.
  void beginDisagreement() throws IOException {
    order.flush();
    barrier.sync();
    if (geometry().version() > 2) {
      header.setIncompatible(header.incompatible() | Qcow2Layout.INCOMPATIBLE_DIRTY);
      barrier.sync();
    }
  }

  /// Says that they agree again.
  void endDisagreement() throws IOException {
    order.flush();
    barrier.sync();
    if (geometry().version() > 2) {
      header.setIncompatible(header.incompatible() & ~Qcow2Layout.INCOMPATIBLE_DIRTY);
      barrier.sync();
    }
  }

  /// Reads the active L1 table anew, and the L2 tables when they are asked for: they were written
  /// past the caches.
  void reread() throws IOException {
    map.slices().forgetAll();
    map.l1()
        .replace(
            header.l1Offset(),
            PointerTable.readEntries(file, header.l1Offset(), header.l1Entries()));
  }
}
