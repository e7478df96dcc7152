package io.calco.fs.exfat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/// Chains of clusters, by the FAT, and runs of them without.
final class Clusters {
  private static final int PAGE_BITS = 16;
  private static final int PAGES_KEPT = 64; // ours: 4 MiB
  private static final long END = 0xFFFFFFFFL;

  /// A stream of clusters.
  ///
  /// @param first its first cluster, 0 for none
  /// @param contiguous the clusters follow each other, and the FAT says nothing of them
  /// @param length bytes
  record Stream(long first, boolean contiguous, long length) {}

  private final Disk disk;
  private final Geometry geometry;
  private final LinkedHashMap<Integer, byte[]> pages =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, byte[]> eldest) {
          return size() > PAGES_KEPT;
        }
      };

  // Where the last read stood, so that reading on does not walk from the beginning.
  private long lastFirst;
  private long lastIndex;
  private long lastCluster;

  Clusters(Disk disk, Geometry geometry) {
    this.disk = disk;
    this.geometry = geometry;
  }

  private long requireCluster(long number, long first) throws CorruptImageException {
    if (!geometry.isCluster(number)) {
      throw CorruptImageException.at(
          "exFAT",
          "chain from cluster " + first,
          geometry.fatOffset(),
          number == END ? "its end" : "cluster 0x%x".formatted(number),
          "one of " + geometry.clusters());
    }
    return number;
  }

  /// What the FAT has for a cluster.
  private long entry(long cluster) throws IOException {
    long at = cluster * 4;
    int number = (int) (at >>> PAGE_BITS);
    byte[] page = pages.get(number);
    if (page == null) {
      long from = (long) number << PAGE_BITS;
      long length = Math.min(1L << PAGE_BITS, (geometry.clusters() + 2L) * 4 - from);
      page = disk.readBytes(geometry.fatOffset() + from, (int) length);
      pages.put(number, page);
    }
    return LittleEndian.u32(page, (int) (at & ((1 << PAGE_BITS) - 1)));
  }

  private long next(Stream stream, long cluster) throws IOException {
    long next = stream.contiguous() ? cluster + 1 : entry(cluster);
    return requireCluster(next, stream.first());
  }

  /// Reads from a stream, in runs.
  ///
  /// @param dst filled; it lies within the stream
  void read(Stream stream, long offset, MemorySegment dst) throws IOException {
    int unit = geometry.clusterBytes();
    long index = offset / unit;
    long at = walk(stream, index);
    long in = offset % unit;
    long done = 0;
    while (done < dst.byteSize()) {
      long start = at;
      long run = unit - in;
      boolean goesOn = true;
      while (goesOn && run < dst.byteSize() - done) {
        long next = next(stream, at);
        index++;
        goesOn = next == at + 1;
        at = next;
        run += goesOn ? unit : 0;
      }
      long part = Math.min(run, dst.byteSize() - done);
      disk.read(geometry.offset(start) + in, dst.asSlice(done, part));
      done += part;
      in = 0;
    }
    lastFirst = stream.first();
    lastIndex = index;
    lastCluster = at;
  }

  private long walk(Stream stream, long index) throws IOException {
    long first = requireCluster(stream.first(), stream.first());
    if (stream.contiguous()) {
      return requireCluster(first + index, first);
    }
    boolean onwards = lastFirst == first && lastIndex <= index;
    long at = onwards ? lastCluster : first;
    for (long i = onwards ? lastIndex : 0; i < index; i++) {
      at = next(stream, at);
    }
    return at;
  }

  /// Bytes of the chain that begins at a cluster.
  ///
  /// @param limit it is not followed further
  long chainBytes(long first, long limit) throws IOException {
    long bytes = geometry.clusterBytes();
    long at = requireCluster(first, first);
    while (bytes < limit) {
      long next = entry(at);
      if (next == END) {
        break;
      }
      at = requireCluster(next, first);
      bytes += geometry.clusterBytes();
    }
    return bytes;
  }
}
