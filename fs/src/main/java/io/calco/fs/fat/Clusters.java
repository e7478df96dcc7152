package io.calco.fs.fat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Chains of clusters: walked, read, made, lengthened, cut and freed.
final class Clusters {
  private static final long MAX_FILE = 0xFFFFFFFFL; // the specification's

  private final Disk disk;
  private final Geometry geometry;
  private final FatTable table;
  private int hint = 2;

  // Where the last read of a file stood, so that reading on does not walk from its beginning.
  private int lastFirst;
  private long lastIndex;
  private int lastCluster;

  Clusters(Disk disk, Geometry geometry, FatTable table) {
    this.disk = disk;
    this.geometry = geometry;
    this.table = table;
  }

  /// Where the next search for a free cluster begins.
  int hint() {
    return hint;
  }

  void startAt(int cluster) {
    if (geometry.isCluster(cluster)) {
      hint = cluster;
    }
  }

  /// Something has changed: chains are to be walked anew.
  void forget() {
    lastFirst = 0;
  }

  /// All clusters of a chain.
  ///
  /// @param limit clusters that it may have
  int[] all(int first, long limit) throws IOException {
    int[] clusters = new int[16];
    int count = 0;
    for (int at = first; at != FatTable.END; at = table.next(at)) {
      if (count == Math.min(limit, geometry.clusters())) {
        throw CorruptImageException.at(
            "FAT file system",
            "chain from cluster " + first,
            geometry.fatOffset(),
            "more than " + count + " clusters",
            "its end");
      }
      if (count == clusters.length) {
        clusters = Arrays.copyOf(clusters, 2 * count);
      }
      clusters[count++] = requireCluster(at);
    }
    return Arrays.copyOf(clusters, count);
  }

  /// All clusters of a file's chain, none for 0.
  int[] ofFile(int first) throws IOException {
    return first == 0 ? new int[0] : all(first, geometry.clustersFor(MAX_FILE));
  }

  private int requireCluster(int number) throws CorruptImageException {
    if (!geometry.isCluster(number)) {
      throw new CorruptImageException(
          "FAT file system: directory entry: found cluster 0x%x, expected one from 2 to 0x%x"
              .formatted(number, geometry.lastCluster()));
    }
    return number;
  }

  /// Reads a file's content from its chain, in runs.
  ///
  /// @param offset where to begin; the whole of `dst` lies within the file
  void read(int first, long offset, MemorySegment dst) throws IOException {
    int bytes = geometry.clusterBytes();
    long index = offset / bytes;
    int at = walk(first, index);
    long done = 0;
    long in = offset % bytes;
    while (true) {
      int runStart = at;
      long runBytes = bytes - in;
      while (runBytes < dst.byteSize() - done) {
        int next = table.next(at);
        index++;
        if (next == FatTable.END) {
          throw tooShort(first);
        }
        boolean goesOn = next == at + 1;
        at = next;
        if (!goesOn) {
          break;
        }
        runBytes += bytes;
      }
      long part = Math.min(runBytes, dst.byteSize() - done);
      disk.read(geometry.offset(runStart) + in, dst.asSlice(done, part));
      done += part;
      in = 0;
      if (done == dst.byteSize()) {
        remember(first, index, at);
        return;
      }
    }
  }

  private void remember(int first, long index, int cluster) {
    lastFirst = first;
    lastIndex = index;
    lastCluster = cluster;
  }

  private int walk(int first, long index) throws IOException {
    boolean onwards = lastFirst == first && lastIndex <= index;
    int at = onwards ? lastCluster : requireCluster(first);
    for (long i = onwards ? lastIndex : 0; i < index; i++) {
      at = table.next(at);
      if (at == FatTable.END) {
        throw tooShort(first);
      }
    }
    return at;
  }

  private static CorruptImageException tooShort(int first) {
    return new CorruptImageException(
        "FAT file system: chain from cluster %d: it ends before its file does".formatted(first));
  }

  /// Makes a chain of free clusters, in memory.
  ///
  /// @return its clusters, at least one
  int[] allocate(int count) throws IOException {
    if (count > table.countAvailable()) {
      throw new NoSpaceException(
          "FAT file system: %d clusters are needed, %d are free"
              .formatted(count, table.countFree()));
    }
    int[] clusters = new int[count];
    int at = hint;
    for (int i = 0; i < count; i++) {
      at = table.nextAvailable(at);
      if (at > geometry.lastCluster()) {
        at = table.nextAvailable(2);
      }
      clusters[i] = at++;
    }
    for (int i = count - 1; i >= 0; i--) {
      table.set(clusters[i], i == count - 1 ? FatTable.END : clusters[i + 1]);
    }
    hint = at > geometry.lastCluster() ? 2 : at;
    return clusters;
  }

  /// Makes a chain with this content; zeroes fill its last cluster.
  ///
  /// @return its first cluster, 0 for no content
  int store(byte[] content) throws IOException {
    if (content.length == 0) {
      return 0;
    }
    int[] clusters = allocate((int) geometry.clustersFor(content.length));
    boolean done = false;
    try {
      write(clusters, content);
      done = true;
    } finally {
      if (!done) {
        free(clusters);
      }
    }
    return clusters[0];
  }

  private void write(int[] clusters, byte[] content) throws IOException {
    int bytes = geometry.clusterBytes();
    for (int i = 0; i < clusters.length; ) {
      int run = runLength(clusters, i);
      long from = (long) i * bytes;
      long whole = Math.min((long) run * bytes, content.length - from);
      disk.write(geometry.offset(clusters[i]), MemorySegment.ofArray(content).asSlice(from, whole));
      if (whole < (long) run * bytes) {
        disk.writeZeroes(
            geometry.offset(clusters[i]) + whole, (long) run * bytes - whole, ZeroMode.MAY_UNMAP);
      }
      i += run;
    }
  }

  private static int runLength(int[] clusters, int from) {
    int run = 1;
    while (from + run < clusters.length && clusters[from + run] == clusters[from] + run) {
      run++;
    }
    return run;
  }

  /// Appends zeroed clusters to a chain, in memory, or begins one.
  ///
  /// @param chain what is there, may be empty
  /// @return the first cluster of the whole
  int append(int[] chain, int count) throws IOException {
    int[] added = allocate(count);
    for (int i = 0; i < added.length; ) {
      int run = runLength(added, i);
      disk.writeZeroes(
          geometry.offset(added[i]), (long) run * geometry.clusterBytes(), ZeroMode.MAY_UNMAP);
      i += run;
    }
    if (chain.length == 0) {
      return added[0];
    }
    link(chain[chain.length - 1], added[0]);
    return chain[0];
  }

  /// Lets a chain's end go on.
  void link(int end, int next) throws IOException {
    table.set(end, next);
    forget();
  }

  /// Ends a chain after `keep` clusters, in memory.
  void cut(int[] chain, int keep) throws IOException {
    if (keep < chain.length) {
      free(Arrays.copyOfRange(chain, keep, chain.length));
      if (keep > 0) {
        table.set(chain[keep - 1], FatTable.END);
      }
    }
  }

  /// Frees clusters, in memory.
  void free(int[] clusters) throws IOException {
    for (int cluster : clusters) {
      table.set(cluster, FatTable.FREE);
    }
    forget();
  }
}
