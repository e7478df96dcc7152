package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.volume.target.MappedDriver;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// A snapshot of the older kind, for reading: chunks that have changed since, on either side, lie
/// in a store, the others in the origin.
///
/// The store is a header chunk, then again and again a chunk of exceptions (two numbers of eight
/// bytes: the chunk in the origin and where it lies in the store) and the chunks they speak of, up
/// to the first exception of zero. Source: the kernel's drivers/md/dm-snap-persistent.c.
final class SnapshotDriver extends MappedDriver {
  private static final int MAGIC = 0x70416e53; // "SnAp"
  private static final int HEADER = 16;
  private static final int EXCEPTION = 16;
  private static final int SECTOR = 512;
  private static final int MAX_CHUNK = 16 << 20; // ours; LVM2's is 512 KiB
  private static final int MAX_EXCEPTIONS = 8 << 20; // ours
  private static final int INITIAL = 1024;

  private final Disk origin;
  private final Disk store;
  private final long chunk;
  private final long[] exceptions; // the origin's chunk << 32 | the store's, ascending

  private SnapshotDriver(Disk origin, Disk store, long chunk, long[] exceptions) {
    super(
        origin.size(),
        List.of(origin, store),
        new DiskCapabilities(false, true, false, false, false));
    this.origin = origin;
    this.store = store;
    this.chunk = chunk;
    this.exceptions = exceptions;
  }

  /// Reads the store's table.
  static Disk open(Disk origin, Disk store) throws IOException {
    byte[] header = store.readBytes(0, HEADER);
    if (LittleEndian.s32(header, 0) == 0) {
      return origin.readOnly(); // never activated: nothing has changed
    }
    if (LittleEndian.s32(header, 0) != MAGIC || LittleEndian.s32(header, 8) != 1) {
      throw new CorruptImageException(
          "LVM2: snapshot's store at 0x0: found 0x%08x, version %d, expected 0x%08x, version 1"
              .formatted(LittleEndian.s32(header, 0), LittleEndian.u32(header, 8), MAGIC));
    }
    if (LittleEndian.s32(header, 4) != 1) {
      throw new UnsupportedFeatureException(
          "LVM2: this snapshot ran out of space and has lost its content");
    }
    long chunk = LittleEndian.u32(header, 12) * SECTOR;
    if (chunk > MAX_CHUNK || Long.bitCount(chunk) != 1) {
      throw new CorruptImageException(
          "LVM2: snapshot's store at 0xc: chunks of %d bytes, expected a power of two up to %d"
              .formatted(chunk, MAX_CHUNK));
    }
    long[] exceptions = exceptions(origin, store, (int) chunk);
    return Disk.owning(new SnapshotDriver(origin, store, chunk, exceptions));
  }

  private static long[] exceptions(Disk origin, Disk store, int chunk) throws IOException {
    long[] found = new long[INITIAL];
    int count = 0;
    long perArea = chunk / EXCEPTION;
    long originChunks = Math.ceilDiv(origin.size(), chunk);
    long storeChunks = store.size() / chunk;
    if (originChunks > Integer.MAX_VALUE || storeChunks > Integer.MAX_VALUE) {
      throw new LimitExceededException(
          "LVM2: a snapshot of more than %d chunks (our limit)".formatted(Integer.MAX_VALUE));
    }
    for (long area = 1; area < storeChunks; area += perArea + 1) {
      byte[] table = store.readBytes(area * chunk, chunk);
      for (int at = 0; at < chunk; at += EXCEPTION) {
        long from = LittleEndian.s64(table, at);
        long to = LittleEndian.s64(table, at + 8);
        if (to == 0) {
          return sorted(found, count);
        }
        if (from < 0 || from >= originChunks || to < 0 || to >= storeChunks) {
          throw new CorruptImageException(
              "LVM2: snapshot's store at 0x%x: found chunk %d of %d at %d of %d"
                  .formatted(area * chunk + at, from, originChunks, to, storeChunks));
        }
        if (count == MAX_EXCEPTIONS) {
          throw new LimitExceededException(
              "LVM2: a snapshot with more than %d changed chunks (our limit)"
                  .formatted(MAX_EXCEPTIONS));
        }
        if (count == found.length) {
          found = Arrays.copyOf(found, count * 2);
        }
        found[count++] = from << Integer.SIZE | to;
      }
    }
    return sorted(found, count);
  }

  private static long[] sorted(long[] found, int count) {
    long[] all = Arrays.copyOf(found, count);
    Arrays.sort(all);
    return all;
  }

  @Override
  protected Run runAt(long offset, long maxLength) {
    long number = offset / chunk;
    long within = offset % chunk;
    int next = firstFrom(number);
    if (next < exceptions.length && exceptions[next] >>> Integer.SIZE == number) {
      long place = exceptions[next] & 0xffff_ffffL;
      return Run.of(
          store, place * chunk + within, Math.min(chunk, size() - number * chunk) - within);
    }
    long end =
        next < exceptions.length ? (exceptions[next] >>> Integer.SIZE) * chunk : origin.size();
    return Run.of(origin, offset, end - offset);
  }

  /// The first exception of that chunk or a later one.
  private int firstFrom(long number) {
    int found = Arrays.binarySearch(exceptions, number << Integer.SIZE);
    return found >= 0 ? found : -found - 1;
  }
}
