package io.calco.fs;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// A disk in memory that remembers every write and every sync, so that a crash at any point can be
/// had: what was synced is there, of what was written since any part.
public final class WriteLog implements DiskDriver {
  /// What the medium writes whole, unless said otherwise.
  private static final int UNIT = 1024;

  private record Write(long offset, MemorySegment bytes) {}

  private final byte[] before;
  private final byte[] now;
  private final int unit;
  private final List<List<Write>> epochs = new ArrayList<>(List.of(new ArrayList<>()));

  public WriteLog(byte[] content) {
    this(content, UNIT);
  }

  /// @param unit bytes that the medium writes whole
  public WriteLog(byte[] content, int unit) {
    this.unit = unit;
    this.before = content.clone();
    this.now = content.clone();
  }

  public Disk disk() {
    return Disk.owning(this);
  }

  /// Syncs so far.
  public int syncs() {
    return epochs.size() - 1;
  }

  /// The disk after a crash when `syncs` syncs were done and some of what followed was written.
  public byte[] crashAfter(int syncs, Random random) {
    byte[] disk = before.clone();
    for (int i = 0; i < syncs; i++) {
      epochs.get(i).forEach(write -> apply(write, disk));
    }
    int kept = random.nextInt(5);
    for (Write write : epochs.get(syncs)) {
      if (kept == 4 || random.nextInt(4) < kept) {
        apply(write, disk);
      }
    }
    return disk;
  }

  private static void apply(Write write, byte[] disk) {
    MemorySegment.copy(
        write.bytes(), 0, MemorySegment.ofArray(disk), write.offset(), write.bytes().byteSize());
  }

  @Override
  public long size() {
    return now.length;
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(true, false, true, false, false);
  }

  @Override
  public void read(long offset, MemorySegment dst) {
    MemorySegment.copy(MemorySegment.ofArray(now), offset, dst, 0, dst.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment src) {
    MemorySegment.copy(src, 0, MemorySegment.ofArray(now), offset, src.byteSize());
    for (long at = 0; at < src.byteSize(); at += unit) {
      MemorySegment part = src.asSlice(at, Math.min(unit, src.byteSize() - at));
      MemorySegment copy = MemorySegment.ofArray(part.toArray(ValueLayout.JAVA_BYTE));
      epochs.getLast().add(new Write(offset + at, copy));
    }
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) {
    write(offset, MemorySegment.ofArray(new byte[(int) length]));
  }

  @Override
  public void discard(long offset, long length) {
    writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) {
    boolean zero = true;
    for (long at = offset; at < offset + maxLength && zero; at++) {
      zero = now[(int) at] == 0;
    }
    return new Extent(offset, maxLength, true, zero);
  }

  @Override
  public void resize(long newSize) {
    throw new IllegalStateException();
  }

  @Override
  public void flush() {}

  @Override
  public void sync() throws IOException {
    epochs.add(new ArrayList<>());
  }

  @Override
  public void close() {}

  /// What the disk holds without a crash.
  public byte[] content() {
    return Arrays.copyOf(now, now.length);
  }
}
