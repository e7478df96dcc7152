package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// Where the clusters of an attribute lie: runs that follow one another from its first cluster on.
/// Immutable.
final class RunList {
  static final long HOLE = -1;
  static final RunList EMPTY = new RunList(new long[0], new long[0], 0, 0);
  private static final int MAX_RUNS = 1 << 20; // ours

  private final long[] ends; // of each run, in clusters of the attribute
  private final long[] places; // its cluster on the volume, or HOLE
  private final int count;
  private final long first;

  private RunList(long[] ends, long[] places, int count, long first) {
    this.ends = ends;
    this.places = places;
    this.count = count;
    this.first = first;
  }

  int count() {
    return count;
  }

  /// The cluster of the attribute that is the first here.
  long first() {
    return first;
  }

  /// Clusters of the attribute up to the end of the last run.
  long end() {
    return count == 0 ? first : ends[count - 1];
  }

  long start(int run) {
    return run == 0 ? first : ends[run - 1];
  }

  long length(int run) {
    return ends[run] - start(run);
  }

  /// The run's first cluster on the volume, or [#HOLE].
  long place(int run) {
    return places[run];
  }

  /// The run that holds a cluster of the attribute.
  ///
  /// @param cluster from [#first] to below [#end]
  int find(long cluster) {
    int at = Arrays.binarySearch(ends, 0, count, cluster);
    return at < 0 ? ~at : at + 1;
  }

  /// Clusters on the volume that it takes.
  long allocated() {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += places[i] == HOLE ? 0 : length(i);
    }
    return sum;
  }

  /// The runs with one more at the end, joined to the last where it continues that.
  RunList plus(long place, long length) throws LimitExceededException {
    if (count > 0) {
      long last = places[count - 1];
      if (place == HOLE ? last == HOLE : last != HOLE && last + length(count - 1) == place) {
        long[] joined = Arrays.copyOf(ends, count);
        joined[count - 1] += length;
        return new RunList(joined, places, count, first);
      }
    }
    if (count >= MAX_RUNS) {
      throw new LimitExceededException("NTFS: an attribute in more than " + MAX_RUNS + " runs");
    }
    long[] moreEnds = Arrays.copyOf(ends, count + 1);
    long[] morePlaces = Arrays.copyOf(places, count + 1);
    moreEnds[count] = end() + length;
    morePlaces[count] = place;
    return new RunList(moreEnds, morePlaces, count + 1, first);
  }

  /// These runs and those that follow them.
  RunList plus(RunList next) throws LimitExceededException {
    int sum = count + next.count;
    if (sum > MAX_RUNS) {
      throw new LimitExceededException("NTFS: an attribute in more than " + MAX_RUNS + " runs");
    }
    long[] allEnds = Arrays.copyOf(ends, sum);
    long[] allPlaces = Arrays.copyOf(places, sum);
    System.arraycopy(next.ends, 0, allEnds, count, next.count);
    System.arraycopy(next.places, 0, allPlaces, count, next.count);
    return new RunList(allEnds, allPlaces, sum, first);
  }

  /// The part from cluster `from` to below `to` of the attribute.
  RunList part(long from, long to) throws LimitExceededException {
    RunList part = new RunList(new long[0], new long[0], 0, from);
    for (int i = 0; i < count; i++) {
      long start = Math.max(from, start(i));
      long end = Math.min(to, ends[i]);
      if (start < end) {
        part = part.plus(places[i] == HOLE ? HOLE : places[i] + start - start(i), end - start);
      }
    }
    return part;
  }

  /// Reads mapping pairs.
  ///
  /// @param from first byte in `bytes`
  /// @param to where the attribute ends
  /// @param lowest the first cluster's number in the attribute
  /// @param clusters on the volume
  static RunList decode(byte[] bytes, int from, int to, long lowest, long clusters)
      throws CorruptImageException {
    long[] ends = new long[8];
    long[] places = new long[8];
    int count = 0;
    long end = lowest;
    long place = 0;
    int at = from;
    while (at < to && bytes[at] != 0) {
      int lengthBytes = bytes[at] & 15;
      int placeBytes = (bytes[at] & 0xFF) >> 4;
      if (lengthBytes < 1
          || lengthBytes > 8
          || placeBytes > 8
          || at + 1 + lengthBytes + placeBytes > to) {
        throw corrupt(at, Integer.toHexString(bytes[at] & 0xFF), "a length and a place");
      }
      long length = signed(bytes, at + 1, lengthBytes);
      if (length < 1 || length > (1L << 55) - end) {
        throw corrupt(at, length, "a run's length");
      }
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, 2 * count);
        places = Arrays.copyOf(places, 2 * count);
      }
      end += length;
      ends[count] = end;
      long delta = signed(bytes, at + 1 + lengthBytes, placeBytes);
      if (placeBytes == 0 || placeBytes == 1 && place == 0 && delta == -1) {
        places[count] = HOLE; // NT 4 writes -1
      } else {
        place += delta;
        if (place < 0 || length > clusters - place) {
          throw corrupt(at, place, "a run within " + clusters + " clusters");
        }
        places[count] = place;
      }
      count++;
      at += 1 + lengthBytes + placeBytes;
    }
    return new RunList(ends, places, count, lowest);
  }

  /// The runs as mapping pairs, with the zero that ends them.
  byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long before = 0;
    for (int i = 0; i < count; i++) {
      int lengthBytes = bytesFor(length(i));
      int placeBytes = places[i] == HOLE ? 0 : bytesFor(places[i] - before);
      out.write(placeBytes << 4 | lengthBytes);
      put(out, length(i), lengthBytes);
      if (placeBytes > 0) {
        put(out, places[i] - before, placeBytes);
        before = places[i];
      }
    }
    out.write(0);
    return out.toByteArray();
  }

  private static long signed(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = i == count - 1 ? bytes[at + i] : value << 8 | bytes[at + i] & 0xFF;
    }
    return value;
  }

  private static int bytesFor(long value) {
    int count = 1;
    while (count < 8 && value >> (8 * count - 1) != value >> 63) {
      count++;
    }
    return count;
  }

  private static void put(ByteArrayOutputStream out, long value, int count) {
    for (int i = 0; i < count; i++) {
      out.write((int) (value >> 8 * i));
    }
  }

  private static CorruptImageException corrupt(long at, Object found, Object wanted) {
    return CorruptImageException.at("NTFS", "mapping pairs in a record", at, found, wanted);
  }
}
