package io.calco.backup;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/// A disk to which only that is written which it does not hold already: it is read first, where
/// that is not known yet. Or to which nothing is, and whatever differs is damage. Leaves the disk
/// below open.
///
/// Thread rule: as [DiskDriver] has it.
final class DifferencesDriver implements DiskDriver {
  /// What is compared, and written if anything in it differs.
  private static final int UNIT = 64 << 10;

  private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[UNIT]).asReadOnly();

  /// What is done about bytes that differ.
  enum Difference {
    /// They are written.
    WRITTEN,
    /// A [CorruptImageException] tells where the first of them is.
    REFUSED
  }

  private final Disk disk;
  private final Difference difference;
  private final HeldRuns held;
  private final AtomicLong written = new AtomicLong();

  /// One that reads all of it.
  DifferencesDriver(Disk disk, Difference difference) {
    this(disk, difference, new HeldRuns());
  }

  /// @param held runs that need not be read: they hold what is written to them
  DifferencesDriver(Disk disk, Difference difference, HeldRuns held) {
    this.disk = disk;
    this.difference = difference;
    this.held = held;
  }

  /// Bytes that differed, and were written.
  long written() {
    return written.get();
  }

  /// Writes a run of the disk.
  private interface Writer {
    void write(long at, long length) throws IOException;
  }

  /// Calls `work` for the runs that may hold something else.
  private void unlessHeld(long offset, long length, Writer work) throws IOException {
    long end = offset + length;
    for (long at = offset; at < end; ) {
      long next = Math.min(end, held.endAt(at));
      if (!held.contains(at)) {
        work.write(at, next - at);
      }
      at = next;
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    held.forget(offset); // who writes goes upwards
    unlessHeld(
        offset,
        src.byteSize(),
        (from, length) -> writeDiffering(from, src.asSlice(from - offset, length)));
  }

  private void writeDiffering(long offset, MemorySegment src) throws IOException {
    differing(
        offset,
        src.byteSize(),
        at -> src.asSlice(at - offset, Math.min(UNIT, src.byteSize() - (at - offset))),
        (at, length) -> disk.write(at, src.asSlice(at - offset, length)));
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    unlessHeld(offset, length, (from, count) -> zeroDiffering(from, count, mode));
  }

  private void zeroDiffering(long offset, long length, ZeroMode mode) throws IOException {
    for (long at = offset; at < offset + length; ) {
      Extent extent = disk.extentAt(at, offset + length - at);
      if (!extent.readsZero()) {
        differing(
            at, extent.length(), _ -> ZEROES, (from, count) -> disk.writeZeroes(from, count, mode));
      }
      at = extent.end();
    }
  }

  private interface Wanted {
    /// What one unit is to hold; may be longer.
    MemorySegment at(long offset);
  }

  /// Finds the runs of units that hold something else.
  private void differing(long offset, long length, Wanted wanted, Writer writer)
      throws IOException {
    MemorySegment there = MemorySegment.ofArray(new byte[(int) Math.min(UNIT, length)]);
    long end = offset + length;
    long from = -1;
    for (long at = offset; at < end; at += UNIT) {
      MemorySegment now = there.asSlice(0, Math.min(UNIT, end - at));
      disk.read(at, now);
      long first = now.mismatch(wanted.at(at).asSlice(0, now.byteSize()));
      boolean differs = first >= 0;
      if (differs && difference == Difference.REFUSED) {
        throw new CorruptImageException(
            "the target does not hold what was written: it differs at byte 0x%x; its medium fails,"
                    .formatted(at + first)
                + " or somebody else writes to it");
      }
      if (differs && from < 0) {
        from = at;
      } else if (!differs && from >= 0) {
        put(from, at, writer);
        from = -1;
      }
    }
    if (from >= 0) {
      put(from, end, writer);
    }
  }

  private void put(long from, long to, Writer writer) throws IOException {
    writer.write(from, to - from);
    written.addAndGet(to - from);
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public DiskCapabilities capabilities() {
    DiskCapabilities all = disk.capabilities();
    return new DiskCapabilities(
        all.writable(), all.extents(), all.discard(), all.fastZero(), false);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    disk.read(offset, dst);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    disk.discard(offset, length);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    return disk.extentAt(offset, maxLength);
  }

  @Override
  public void resize(long newSize) {
    throw new IllegalStateException("not resizable");
  }

  @Override
  public void flush() throws IOException {
    disk.flush();
  }

  @Override
  public void sync() throws IOException {
    disk.sync();
  }

  @Override
  public void close() {}
}
