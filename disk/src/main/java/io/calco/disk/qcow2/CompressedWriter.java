package io.calco.disk.qcow2;

import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Puts compressed clusters one right after the other: several share a host cluster, which counts
/// them all.
///
/// Thread rule: confined to whoever may change the image.
final class CompressedWriter {
  private final HostFile file;
  private final Geometry geometry;
  private final GuestMap map;
  private final ClusterAllocator allocator;
  private final GuestWriter guest;
  private final Refcounts refcounts;

  /// The host byte after the last compressed cluster, in a cluster of ours that has room; or 0.
  private long next;

  /// What [ClusterAllocator#timesFreed] said when `next` was set: later, the cluster may be
  /// another's.
  private long nextKnownAt;

  CompressedWriter(
      HostFile file,
      Geometry geometry,
      GuestMap map,
      ClusterAllocator allocator,
      GuestWriter guest,
      Refcounts refcounts) {
    this.file = file;
    this.geometry = geometry;
    this.map = map;
    this.allocator = allocator;
    this.guest = guest;
    this.refcounts = refcounts;
  }

  /// Writes the packed cluster of the guest offset, in place of what was there.
  void write(long offset, MemorySegment packed) throws IOException {
    int length = Math.toIntExact(packed.byteSize());
    guest.makeTableWritable(offset);
    long host = place(length);
    if (host + length > L2Entry.compressedOffsetLimit(geometry)) {
      throw new LimitExceededException(
          "%s: compressed clusters of %d bytes cannot lie beyond 0x%x"
              .formatted(
                  file.name(), geometry.clusterSize(), L2Entry.compressedOffsetLimit(geometry)));
    }
    file.write(host, packed);
    guest.free(offset, map.word(offset));
    map.set(offset, L2Entry.ofCompressed(host, length, geometry), 0);
  }

  /// Takes `length` bytes of host space, at most a cluster, and raises the counts of the clusters
  /// they touch.
  private long place(int length) throws IOException {
    long room = room();
    if (room >= length) {
      refcounts.add(geometry.clusterOf(next), 1, 1);
      return advance(next, length);
    }
    if (room > 0) {
      long following = geometry.clusterOf(next) + 1;
      if (allocator.allocateAt(following)) {
        refcounts.add(following - 1, 1, 1);
        return advance(next, length);
      }
    }
    long first = allocator.allocateRun(1).first();
    return advance(first << geometry.clusterBits(), length);
  }

  private long advance(long from, int length) {
    long end = from + length;
    next = geometry.inCluster(end) == 0 ? 0 : end;
    nextKnownAt = allocator.timesFreed();
    return from;
  }

  /// Bytes left in the last cluster, if it can count one more.
  private long room() throws IOException {
    if (next == 0 || nextKnownAt != allocator.timesFreed()) {
      return 0;
    }
    long count = refcounts.get(geometry.clusterOf(next));
    return count == 0 || count >= geometry.refcountMax()
        ? 0
        : geometry.clusterSize() - geometry.inCluster(next);
  }
}
