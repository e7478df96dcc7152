package io.calco.nbd;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A dirty bitmap that an NBD server tells of as `qemu:dirty-bitmap:NAME` (QEMU's
/// `docs/interop/nbd.txt`).
public final class NbdBitmap {
  private static final long STATUS_BYTES = 1L << 30;

  private NbdBitmap() {}

  /// What a bitmap has marked, on a connection of its own.
  ///
  /// @param name of the bitmap
  /// @return ascending runs that do not touch
  /// @throws UnsupportedFeatureException when the server does not tell of it
  /// @throws LimitExceededException when it has more than [DirtyBitmaps#MERGED_RUNS_MAX] runs
  public static List<DirtyBitmaps.Run> read(
      NbdAddress address, String name, NbdDisk.Options options) throws IOException {
    try (ConnectionPool pool = ConnectionPool.open(address, Nbd.DIRTY_BITMAP + name, options)) {
      ClientHandshake.Served served = pool.served();
      if (served.context().isEmpty()) {
        throw new UnsupportedFeatureException(
            "%s: the server does not tell of a bitmap \"%s\"".formatted(address, name));
      }
      List<DirtyBitmaps.Run> dirty = new ArrayList<>();
      long[] at = {0};
      while (at[0] < served.size()) {
        long asked = Math.min(STATUS_BYTES, served.size() - at[0]);
        pool.run(connection -> {
          for (MetaContext.Status run : connection.status(at[0], asked, options.request())) {
            if ((run.flags() & Nbd.STATE_DIRTY) != 0) {
              add(dirty, at[0], run.length());
            }
            at[0] += run.length();
          }
        });
      }
      return dirty;
    }
  }

  private static void add(List<DirtyBitmaps.Run> dirty, long offset, long length)
      throws LimitExceededException {
    DirtyBitmaps.Run last = dirty.isEmpty() ? null : dirty.getLast();
    if (last != null && last.offset() + last.length() == offset) {
      dirty.set(dirty.size() - 1, new DirtyBitmaps.Run(last.offset(), last.length() + length));
    } else if (dirty.size() == DirtyBitmaps.MERGED_RUNS_MAX) {
      throw new LimitExceededException(
          "a bitmap has more than %d runs (our limit)".formatted(DirtyBitmaps.MERGED_RUNS_MAX));
    } else {
      dirty.add(new DirtyBitmaps.Run(offset, length));
    }
  }
}
