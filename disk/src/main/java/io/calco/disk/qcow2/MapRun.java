package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.Mapping;
import java.io.IOException;

/// Merges entries that follow each other into one [Mapping]. Confined.
final class MapRun {
  /// What the guest sees in a run.
  private enum Kind {
    NONE,
    UNALLOCATED,
    ZERO,
    ZERO_ALLOCATED,
    DATA,
    COMPRESSED
  }

  private final Geometry geometry;
  private final HostFile file;
  private final GuestFile guest;
  private final long offset;
  private Kind kind = Kind.NONE;
  private long host;
  private long length;
  private boolean own;
  private boolean closed;
  private long lastWord;
  private boolean lastOwnTable;

  /// @param file for messages
  /// @param guest where guest bytes lie
  MapRun(Geometry geometry, HostFile file, GuestFile guest, long offset) {
    this.geometry = geometry;
    this.file = file;
    this.guest = guest;
    this.offset = offset;
  }

  /// True when what was offered last did not fit, or nothing more can.
  boolean isClosed() {
    return closed;
  }

  /// Adds bytes that no L2 table maps; false when the run is another's.
  boolean extendUnallocated(long bytes) {
    return add(Kind.UNALLOCATED, 0, false, bytes);
  }

  private boolean add(Kind next, long nextHost, boolean nextOwn, long bytes) {
    if (kind == Kind.NONE) {
      kind = next;
      host = nextHost;
      own = nextOwn;
    } else if (kind != next
        || kind == Kind.COMPRESSED
        || kind == Kind.DATA && (nextHost != host + length || nextOwn != own)) {
      closed = true;
      return false;
    }
    length += bytes;
    return true;
  }

  /// Adds the bytes `[at, end)` of one cluster with its entry; the number added, after which the
  /// run is closed when they are not all.
  long extend(long word, long bitmap, long at, long end, boolean ownTable) throws IOException {
    if (!geometry.extendedL2() && ownTable == lastOwnTable && isNextOf(word)) {
      lastWord = word;
      length += end - at;
      return end - at;
    }
    lastWord = word;
    lastOwnTable = ownTable;
    if (L2Entry.compressed(word)) {
      expect(guest.external() == null, "L2 entry", at, word, "no compressed cluster");
      boolean added = add(Kind.COMPRESSED, word, false, end - at);
      return added ? end - at : 0;
    }
    boolean external = guest.external() != null;
    long hostOffset = checkedHost(word, at);
    boolean here = hostOffset != 0 || external && L2Entry.copied(word);
    expect(
        !external || !here || hostOffset == geometry.clusterStart(at),
        "L2 entry",
        at,
        word,
        "the guest's offset, in an external data file");
    boolean ownCluster = ownTable && L2Entry.copied(word);
    if (geometry.extendedL2()) {
      return extendSubclusters(hostOffset, here, bitmap, at, end, ownCluster);
    }
    Kind next;
    if ((word & L2Entry.ZERO) != 0) {
      expect(geometry.version() > 2, "zero cluster", at, word, "none in version 2");
      next = here ? Kind.ZERO_ALLOCATED : Kind.ZERO;
    } else {
      next = here ? Kind.DATA : Kind.UNALLOCATED;
    }
    boolean data = next == Kind.DATA;
    boolean added =
        add(next, data ? hostOffset + geometry.inCluster(at) : 0, data && ownCluster, end - at);
    return added ? end - at : 0;
  }

  /// True when a whole entry surely goes on where the last one ended.
  private boolean isNextOf(long word) {
    return switch (kind) {
      case DATA -> word == lastWord + geometry.clusterSize();
      case UNALLOCATED, ZERO -> word == lastWord;
      case NONE, ZERO_ALLOCATED, COMPRESSED -> false;
    };
  }

  private long extendSubclusters(
      long hostOffset, boolean here, long bitmap, long from, long end, boolean ownCluster)
      throws IOException {
    expect(
        (bitmap & bitmap >>> 32 & L2Entry.ALL_ALLOCATED) == 0
            && (here || (bitmap & L2Entry.ALL_ALLOCATED) == 0),
        "subcluster bitmap",
        from,
        bitmap,
        "no subcluster both allocated and zero, none allocated without a host cluster");
    int size = geometry.unitSize();
    long at = from;
    while (at < end) {
      int index = (int) (geometry.inCluster(at) / size);
      boolean allocated = (bitmap >>> index & 1) != 0;
      boolean zero = (bitmap >>> (index + 32) & 1) != 0;
      int run = sameBits(bitmap, index, allocated, zero);
      long next = Math.min(end, geometry.clusterStart(at) + (long) (index + run) * size);
      Kind part;
      if (allocated) {
        part = Kind.DATA;
      } else if (zero) {
        part = here ? Kind.ZERO_ALLOCATED : Kind.ZERO;
      } else {
        part = Kind.UNALLOCATED;
      }
      long partHost = allocated ? hostOffset + geometry.inCluster(at) : 0;
      if (!add(part, partHost, allocated && ownCluster, next - at)) {
        break;
      }
      at = next;
    }
    return at - from;
  }

  /// How many subclusters from `index` on have the same two bits.
  private static int sameBits(long bitmap, int index, boolean allocated, boolean zero) {
    int differsAllocated = ((int) bitmap ^ (allocated ? -1 : 0)) >>> index;
    int differsZero = ((int) (bitmap >>> 32) ^ (zero ? -1 : 0)) >>> index;
    int same = Integer.numberOfTrailingZeros(differsAllocated | differsZero);
    return Math.min(same, Qcow2Layout.SUBCLUSTERS - index);
  }

  private long checkedHost(long word, long at) throws IOException {
    long hostOffset = L2Entry.hostOffset(word);
    expect(geometry.inCluster(hostOffset) == 0, "L2 entry", at, word, "the offset of a cluster");
    return hostOffset;
  }

  private void expect(boolean holds, String what, long at, long found, String expected)
      throws CorruptImageException {
    if (!holds) {
      throw new CorruptImageException(
          "%s: %s for guest offset 0x%x: found 0x%x, expected %s"
              .formatted(file.name(), what, at, found, expected));
    }
  }

  /// The run as a mapping.
  Mapping finish(MetadataAreas areas) throws IOException {
    return switch (kind) {
      case NONE -> throw new IllegalStateException("no guest bytes at " + offset);
      case UNALLOCATED -> new Mapping.Unallocated(length);
      case ZERO -> new Mapping.Zero(length, false);
      case ZERO_ALLOCATED -> new Mapping.Zero(length, true);
      case COMPRESSED ->
          new Mapping.Compressed(
              geometry.clusterStart(offset),
              geometry.clusterSize(),
              length,
              L2Entry.compressedOffset(host, geometry),
              L2Entry.compressedLength(host, geometry));
      case DATA -> {
        if (own && guest.external() == null) {
          areas.checkWritable(host, length);
        }
        yield new Mapping.Data(guest.at(offset, host), host, present(), own);
      }
    };
  }

  /// The length of a run of data as far as its clusters begin inside the file. A file that was cut
  /// short would otherwise show zeroes where data was.
  private long present() throws IOException {
    long clusters = geometry.clustersFor(guest.end());
    if (geometry.clusterOf(host + length - 1) < clusters) {
      return length;
    }
    long present = (clusters << geometry.clusterBits()) - host;
    if (present <= 0) {
      throw new CorruptImageException(
          "%s: L2 entry for guest offset 0x%x: found host offset 0x%x, expected a cluster inside the file of %d bytes; it may have been cut short"
              .formatted(file.name(), offset, host, guest.end()));
    }
    return present;
  }
}
