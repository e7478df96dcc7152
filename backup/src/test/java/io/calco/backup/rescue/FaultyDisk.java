package io.calco.backup.rescue;

import io.calco.disk.ReadOnlyDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/// A disk some sectors of which cannot be read, ever or for some times. Counts what is read.
final class FaultyDisk extends ReadOnlyDriver {
  static final int SECTOR = 512;

  final byte[] bytes;
  final BitSet bad = new BitSet();
  final int[] reads;
  int end = Integer.MAX_VALUE;

  /// Reads of a bad sector that fail before it is read after all.
  int stubborn = Integer.MAX_VALUE;

  private final int[] failures;

  FaultyDisk(int sectors, Random random) {
    bytes = new byte[sectors * SECTOR];
    random.nextBytes(bytes);
    reads = new int[sectors];
    failures = new int[sectors];
  }

  /// Makes some runs bad.
  FaultyDisk spoil(int runs, int longest, Random random) {
    for (int i = 0; i < runs; i++) {
      int start = random.nextInt(reads.length);
      bad.set(start, Math.min(reads.length, start + 1 + random.nextInt(longest)));
    }
    return this;
  }

  /// What a perfect rescue would hold.
  byte[] expected() {
    byte[] expected = bytes.clone();
    bad.stream().forEach(i -> Arrays.fill(expected, i * SECTOR, (i + 1) * SECTOR, (byte) 0));
    return expected;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    int first = (int) (offset / SECTOR);
    int last = (int) ((offset + dst.byteSize() - 1) / SECTOR);
    for (int i = bad.nextSetBit(first); i >= 0 && i <= last; i = bad.nextSetBit(i + 1)) {
      if (last > first || ++failures[i] <= stubborn) {
        throw new IOException("Input/output error");
      }
    }
    if (offset + dst.byteSize() > end) {
      throw new IOException("ends too soon");
    }
    for (int i = first; i <= last; i++) {
      reads[i]++;
    }
    dst.copyFrom(MemorySegment.ofArray(bytes).asSlice(offset, dst.byteSize()));
  }

  @Override
  public io.calco.disk.Extent extentAt(long offset, long maxLength) {
    return new io.calco.disk.Extent(offset, maxLength, true, false);
  }
}
