package io.calco.disk.qcow2;

import io.calco.disk.LimitExceededException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// How often each host cluster is referred to, counted anew: a byte for most clusters, chunks of
/// them as they are touched, four bytes where a byte is not enough. Confined.
final class ReferenceCounts {
  /// QEMU's.
  static final long CLUSTERS_MAX = Integer.MAX_VALUE;

  /// Ours: so that no image can make us use more.
  private static final long MEMORY_MAX = 384L << 20;

  private static final int CHUNK_BITS = 16;
  private static final int CHUNK = 1 << CHUNK_BITS;

  private final String fileName;
  private final long most;
  private byte[] @Nullable [] narrow = new byte[16][];
  private int[] @Nullable [] wide = new int[16][];
  private long memory;
  private long end;

  /// @param most what a count can hold
  ReferenceCounts(String fileName, long most) {
    this.fileName = fileName;
    this.most = Math.min(most, Integer.MAX_VALUE);
  }

  /// The first cluster after all that are referred to.
  long end() {
    return end;
  }

  long get(long cluster) {
    int chunk = (int) (cluster >>> CHUNK_BITS);
    int at = (int) cluster & (CHUNK - 1);
    if (chunk >= narrow.length) {
      return 0;
    }
    int[] counts = wide[chunk];
    if (counts != null) {
      return counts[at];
    }
    byte[] bytes = narrow[chunk];
    return bytes == null ? 0 : Byte.toUnsignedInt(bytes[at]);
  }

  /// Counts a reference `times` times where a byte that is there holds it; false when not, and
  /// nothing was counted.
  boolean addOne(long cluster, long times) {
    int chunk = (int) (cluster >>> CHUNK_BITS);
    byte[] bytes = chunk < narrow.length ? narrow[chunk] : null;
    if (bytes == null) {
      return false;
    }
    int at = (int) cluster & (CHUNK - 1);
    long sum = Byte.toUnsignedInt(bytes[at]) + times;
    if (sum > 0xff || sum > most) {
      return false;
    }
    bytes[at] = (byte) sum;
    if (cluster >= end) {
      end = cluster + 1;
    }
    return true;
  }

  /// Counts a reference `times` times; how many of them a count could not hold.
  long add(long cluster, long times) throws LimitExceededException {
    long sum = get(cluster) + times;
    set(cluster, (int) Math.min(sum, most));
    end = Math.max(end, cluster + 1);
    return Math.max(0, sum - most);
  }

  private void set(long cluster, int count) throws LimitExceededException {
    int chunk = (int) (cluster >>> CHUNK_BITS);
    int at = (int) cluster & (CHUNK - 1);
    if (chunk >= narrow.length) {
      int length = Math.max(chunk + 1, narrow.length * 2);
      narrow = Arrays.copyOf(narrow, length);
      wide = Arrays.copyOf(wide, length);
    }
    byte[] bytes = narrow[chunk];
    int[] counts = wide[chunk];
    if (counts != null) {
      counts[at] = count;
    } else if (count <= 0xff) {
      if (bytes == null) {
        take(CHUNK);
        bytes = new byte[CHUNK];
        narrow[chunk] = bytes;
      }
      bytes[at] = (byte) count;
    } else {
      take(4L * CHUNK);
      counts = new int[CHUNK];
      for (int i = 0; bytes != null && i < CHUNK; i++) {
        counts[i] = Byte.toUnsignedInt(bytes[i]);
      }
      counts[at] = count;
      wide[chunk] = counts;
      narrow[chunk] = null;
    }
  }

  private void take(long bytes) throws LimitExceededException {
    memory += bytes;
    if (memory > MEMORY_MAX) {
      throw new LimitExceededException(
          "%s: verifying would take more than %d MiB of memory (our limit)"
              .formatted(fileName, MEMORY_MAX >> 20));
    }
  }

  /// The largest count.
  long highest() {
    long highest = 0;
    for (long cluster = next(0); cluster < end; cluster = next(cluster + 1)) {
      highest = Math.max(highest, get(cluster));
    }
    return highest;
  }

  /// The first cluster from `from` on that is referred to, or `Long.MAX_VALUE`.
  long next(long from) {
    long cluster = from;
    while (cluster < end) {
      int chunk = (int) (cluster >>> CHUNK_BITS);
      if (chunk < narrow.length && narrow[chunk] == null && wide[chunk] == null) {
        cluster = (chunk + 1L) << CHUNK_BITS;
      } else if (get(cluster) != 0) {
        return cluster;
      } else {
        cluster++;
      }
    }
    return Long.MAX_VALUE;
  }
}
