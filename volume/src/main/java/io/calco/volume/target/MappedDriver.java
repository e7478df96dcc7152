package io.calco.volume.target;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// A disk whose every byte lies on another disk, or is zero. Leaves those disks open.
///
/// Subclasses answer [#runAt] and nothing else.
public abstract class MappedDriver implements DiskDriver {
  private final long size;
  private final List<Disk> below;
  private final DiskCapabilities capabilities;

  /// What lies at an offset.
  ///
  /// @param disk where the bytes are; empty when they are zeroes that lie nowhere
  /// @param offset the first byte there; 0 for zeroes
  /// @param length how many follow each other, at least 1
  public record Run(Optional<Disk> disk, long offset, long length) {

    /// Bytes of another disk.
    public static Run of(Disk disk, long offset, long length) {
      return new Run(Optional.of(disk), offset, length);
    }

    /// Zeroes.
    public static Run zeroes(long length) {
      return new Run(Optional.empty(), 0, length);
    }

    private Run cut(long maxLength) {
      return length <= maxLength ? this : new Run(disk, offset, maxLength);
    }
  }

  /// A disk over others.
  ///
  /// @param size in bytes
  /// @param below every disk that [#runAt] answers with
  /// @param capabilities what this one can do; resizing never
  protected MappedDriver(long size, List<Disk> below, DiskCapabilities capabilities) {
    this.size = size;
    this.below = List.copyOf(below);
    this.capabilities = capabilities;
  }

  /// What several disks can do together.
  static DiskCapabilities common(List<Disk> disks) {
    boolean writable = true;
    boolean discard = true;
    boolean fastZero = true;
    for (Disk disk : disks) {
      writable &= disk.capabilities().writable();
      discard &= disk.capabilities().discard();
      fastZero &= disk.capabilities().fastZero();
    }
    return new DiskCapabilities(writable, true, discard && writable, fastZero && writable, false);
  }

  /// What lies at `offset`; may be longer than asked for.
  ///
  /// @param offset first byte, in the disk
  /// @param maxLength how much is of interest, at least 1
  protected abstract Run runAt(long offset, long maxLength) throws IOException;

  @Override
  public final long size() {
    return size;
  }

  @Override
  public final DiskCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public final void read(long offset, MemorySegment dst) throws IOException {
    for (long done = 0; done < dst.byteSize(); ) {
      Run run = cutRunAt(offset + done, dst.byteSize() - done);
      MemorySegment part = dst.asSlice(done, run.length());
      if (run.disk().isPresent()) {
        run.disk().get().read(run.offset(), part);
      } else {
        part.fill((byte) 0);
      }
      done += run.length();
    }
  }

  @Override
  public final void write(long offset, MemorySegment src) throws IOException {
    for (long done = 0; done < src.byteSize(); ) {
      Run run = cutRunAt(offset + done, src.byteSize() - done);
      writable(run).write(run.offset(), src.asSlice(done, run.length()));
      done += run.length();
    }
  }

  @Override
  public final void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    for (long done = 0; done < length; ) {
      Run run = cutRunAt(offset + done, length - done);
      writable(run).writeZeroes(run.offset(), run.length(), mode);
      done += run.length();
    }
  }

  @Override
  public final void discard(long offset, long length) throws IOException {
    for (long done = 0; done < length; ) {
      Run run = cutRunAt(offset + done, length - done);
      writable(run).discard(run.offset(), run.length());
      done += run.length();
    }
  }

  @Override
  public final Extent extentAt(long offset, long maxLength) throws IOException {
    Run run = cutRunAt(offset, maxLength);
    if (run.disk().isEmpty()) {
      return new Extent(offset, run.length(), false, true);
    }
    Extent found = run.disk().get().extentAt(run.offset(), run.length());
    return new Extent(offset, found.length(), found.allocated(), found.readsZero());
  }

  private Run cutRunAt(long offset, long maxLength) throws IOException {
    return runAt(offset, maxLength).cut(maxLength);
  }

  private static Disk writable(Run run) {
    return run.disk()
        .orElseThrow(() -> new IllegalStateException("a mapping with zeroes is not writable"));
  }

  @Override
  public final void resize(long newSize) {
    throw new IllegalStateException("a mapped disk is not resizable");
  }

  @Override
  public final void flush() throws IOException {
    for (Disk disk : below) {
      disk.flush();
    }
  }

  @Override
  public final void sync() throws IOException {
    for (Disk disk : below) {
      disk.sync();
    }
  }

  @Override
  public final void close() {}
}
