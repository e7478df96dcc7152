package io.calco.fs.ntfs;

import io.calco.fs.FileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The runs that $Bitmap tells of.
final class ClusterMap {
  private static final int READ_BYTES = 1 << 20;
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Volume volume;

  ClusterMap(Volume volume) {
    this.volume = volume;
  }

  /// The runs in use and, at last, the sector that repeats the boot sector: it lies behind the last
  /// cluster, where no bit tells of it.
  void used(FileSystem.RunConsumer consumer) throws IOException {
    BootSector boot = volume.boot;
    long copy = boot.copyOffset();
    boolean hasCopy = copy + boot.sectorSize() <= volume.disk.size();
    long[] pending = {-1, 0};
    runs(
        true,
        (offset, length) -> {
          if (pending[0] >= 0) {
            consumer.accept(pending[0], pending[1]);
          }
          pending[0] = offset;
          pending[1] = length;
        });
    if (hasCopy && pending[0] >= 0 && pending[0] + pending[1] == copy) {
      consumer.accept(pending[0], pending[1] + boot.sectorSize());
      return;
    }
    if (pending[0] >= 0) {
      consumer.accept(pending[0], pending[1]);
    }
    if (hasCopy) {
      consumer.accept(copy, boot.sectorSize());
    }
  }

  /// Bytes in free clusters.
  long free() throws IOException {
    long[] free = {0};
    runs(false, (offset, length) -> free[0] += length);
    return free[0];
  }

  /// The runs of clusters that are in use, or that are free, in bytes.
  void runs(boolean used, FileSystem.RunConsumer consumer) throws IOException {
    UnitStream bitmap = volume.clusterBitmap();
    long clusters = volume.boot.clusters();
    int bits = volume.boot.clusterBits();
    byte[] page = new byte[READ_BYTES];
    long start = -1;
    for (long first = 0; first < clusters; first += 8L * READ_BYTES) {
      int bytes = (int) Math.min(READ_BYTES, bitmap.length() - first / 8);
      MemorySegment read = MemorySegment.ofArray(page).asSlice(0, bytes);
      volume.units.readRuns(bitmap.runs(), first / 8, read);
      int end = (int) Math.min(8L * READ_BYTES, clusters - first);
      for (int at = 0; at < end; ) {
        boolean wanted = start < 0 ? used : !used;
        at = next(page, at, end, wanted);
        if (at < end) {
          if (start < 0) {
            start = first + at;
          } else {
            consumer.accept(start << bits, first + at - start << bits);
            start = -1;
          }
        }
      }
    }
    if (start >= 0) {
      consumer.accept(start << bits, clusters - start << bits);
    }
  }

  /// The next bit that is set, or is clear, from `from` on; `end` when there is none.
  private static int next(byte[] page, int from, int end, boolean set) {
    MemorySegment words = MemorySegment.ofArray(page);
    long flip = set ? 0 : -1;
    int word = from >> 6;
    long bits = (words.get(WORD, 8L * word) ^ flip) & -1L << from;
    while (bits == 0) {
      word++;
      if (word << 6 >= end) {
        return end;
      }
      bits = words.get(WORD, 8L * word) ^ flip;
    }
    return Math.min(end, (word << 6) + Long.numberOfTrailingZeros(bits));
  }
}
