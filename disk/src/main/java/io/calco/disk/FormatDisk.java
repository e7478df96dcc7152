package io.calco.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Reading, writing, copy-on-write and zeroing for every image format: asks the [FormatDriver]
/// where bytes lie and moves them. Runs that the image does not hold come from the backing disk, or
/// are zeroes.
///
/// Readers and writers in place go side by side; a change of the image's metadata goes alone.
public final class FormatDisk implements DiskDriver {
  /// Most bytes that one allocation asks for: what is written between two changes of metadata.
  private static final long ALLOCATION_LIMIT = 64L << 20;

  private static final int ZERO_PIECE = 256 << 10;

  private final FormatDriver format;
  private final Optional<Disk> backing;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final DecompressedUnits units = new DecompressedUnits();
  private boolean writesBegun;

  /// A disk of `format`'s image; both are closed with it.
  public FormatDisk(FormatDriver format, Optional<Disk> backing) {
    this.format = format;
    this.backing = backing;
  }

  @Override
  public long size() {
    return format.size();
  }

  @Override
  public DiskCapabilities capabilities() {
    return format.capabilities();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    lock.readLock().lock();
    try {
      readLocked(offset, dst);
    } finally {
      lock.readLock().unlock();
    }
  }

  private void readLocked(long offset, MemorySegment dst) throws IOException {
    long done = 0;
    while (done < dst.byteSize()) {
      long at = offset + done;
      Mapping run = format.map(at, dst.byteSize() - done);
      MemorySegment piece = dst.asSlice(done, run.length());
      switch (run) {
        case Mapping.Data data -> readHost(data.file(), data.hostOffset(), piece);
        case Mapping.Zero zero -> piece.fill((byte) 0);
        case Mapping.Unallocated none -> readBacking(at, piece);
        case Mapping.Compressed packed -> units.read(format, packed, at, piece);
      }
      done += run.length();
    }
  }

  /// A part beyond the end of the host file reads as zeroes.
  private static void readHost(HostFile file, long hostOffset, MemorySegment dst)
      throws IOException {
    try {
      file.read(hostOffset, dst);
    } catch (EOFException shortFile) {
      long present = Math.clamp(file.size() - hostOffset, 0, dst.byteSize());
      if (present == dst.byteSize()) {
        throw shortFile;
      }
      if (present > 0) {
        file.read(hostOffset, dst.asSlice(0, present));
      }
      dst.asSlice(present).fill((byte) 0);
    }
  }

  private void readBacking(long offset, MemorySegment dst) throws IOException {
    long present =
        backing.map(disk -> Math.clamp(disk.size() - offset, 0, dst.byteSize())).orElse(0L);
    if (present > 0) {
      backing.orElseThrow().read(offset, dst.asSlice(0, present));
    }
    dst.asSlice(present).fill((byte) 0);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    long done = writeInPlace(offset, src);
    if (done == src.byteSize()) {
      return;
    }
    lock.writeLock().lock();
    try {
      beginWrites();
      while (done < src.byteSize()) {
        done += writeSome(offset + done, src.asSlice(done));
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// Writes the leading runs that are the image's own, beside other threads; the number of bytes
  /// written.
  private long writeInPlace(long offset, MemorySegment src) throws IOException {
    long done = 0;
    lock.readLock().lock();
    try {
      while (writesBegun
          && done < src.byteSize()
          && format.map(offset + done, src.byteSize() - done) instanceof Mapping.Data data
          && data.inPlace()) {
        data.file().write(data.hostOffset(), src.asSlice(done, data.length()));
        done += data.length();
      }
      return done;
    } finally {
      lock.readLock().unlock();
    }
  }

  private long writeSome(long offset, MemorySegment src) throws IOException {
    if (format.map(offset, src.byteSize()) instanceof Mapping.Data data && data.inPlace()) {
      data.file().write(data.hostOffset(), src.asSlice(0, data.length()));
      return data.length();
    }
    Allocation run = format.allocate(offset, Math.min(src.byteSize(), ALLOCATION_LIMIT));
    try {
      long length = Math.min(src.byteSize(), run.offset() + run.length() - offset);
      fill(run, offset, src.asSlice(0, length));
      format.commit(run);
      units.clear();
      return length;
    } catch (IOException | RuntimeException e) {
      try {
        format.abandon(run);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /// Writes `src` into the allocation, and around it what the guest saw there before.
  private void fill(Allocation run, long offset, MemorySegment src) throws IOException {
    long head = offset - run.offset();
    if (head > 0) {
      MemorySegment before = MemorySegment.ofArray(new byte[Math.toIntExact(head)]);
      readLocked(run.offset(), before);
      run.file().write(run.hostOffset(), before);
    }
    run.file().write(run.hostOffset() + head, src);
    long end = offset + src.byteSize();
    long tail = run.offset() + run.length() - end;
    if (tail > 0) {
      MemorySegment after = MemorySegment.ofArray(new byte[Math.toIntExact(tail)]);
      long inDisk = Math.clamp(size() - end, 0, tail);
      if (inDisk > 0) {
        readLocked(end, after.asSlice(0, inDisk));
      }
      run.file().write(run.hostOffset() + end - run.offset(), after);
    }
  }

  private void beginWrites() throws IOException {
    if (!writesBegun) {
      format.beginWrites();
      writesBegun = true;
    }
  }

  /// What is done to the image that is more than reading or writing its guest's bytes.
  interface Work<T> {
    T run() throws IOException;
  }

  /// Changes the image while nobody else is inside.
  <T> T alone(Work<T> work) throws IOException {
    lock.writeLock().lock();
    try {
      beginWrites();
      return work.run();
    } finally {
      units.clear();
      lock.writeLock().unlock();
    }
  }

  /// Looks at the image beside readers.
  <T> T shared(Work<T> work) throws IOException {
    lock.readLock().lock();
    try {
      return work.run();
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    lock.writeLock().lock();
    try {
      beginWrites();
      writeZeroesLocked(offset, length, mode);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void writeZeroesLocked(long offset, long length, ZeroMode mode) throws IOException {
    long end = offset + length;
    long at = offset;
    while (at < end) {
      long done = format.zero(at, end - at, mode);
      at += done > 0 ? done : writeZeroBytes(at, end - at);
    }
    units.clear();
  }

  /// Zeroes up to the next unit by writing bytes, where the run does not read as zeroes already.
  private long writeZeroBytes(long offset, long length) throws IOException {
    int unit = format.unitLength();
    long toUnit = unit == 1 ? length : unit - offset % unit;
    long part = Math.min(Math.min(length, toUnit), ZERO_PIECE);
    Extent now = extentLocked(offset, part);
    if (!now.readsZero()) {
      MemorySegment zeroes = MemorySegment.ofArray(new byte[Math.toIntExact(now.length())]);
      for (long done = 0; done < now.length(); ) {
        done += writeSome(offset + done, zeroes.asSlice(done));
      }
    }
    return now.length();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    lock.writeLock().lock();
    try {
      beginWrites();
      format.discard(offset, length);
      units.clear();
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    lock.readLock().lock();
    try {
      return extentLocked(offset, maxLength);
    } finally {
      lock.readLock().unlock();
    }
  }

  private Extent extentLocked(long offset, long maxLength) throws IOException {
    Mapping run = format.map(offset, maxLength);
    return switch (run) {
      case Mapping.Data data -> dataExtent(offset, data);
      case Mapping.Zero zero -> new Extent(offset, run.length(), zero.allocated(), true);
      case Mapping.Compressed packed -> new Extent(offset, run.length(), true, false);
      case Mapping.Unallocated none -> backingExtent(offset, run.length());
    };
  }

  /// A hole of the host file below a data run reads as zeroes, and so does what lies beyond its
  /// end.
  private Extent dataExtent(long offset, Mapping.Data data) throws IOException {
    HostFile file = data.file();
    long from = data.hostOffset();
    long nextData = file.nextData(from);
    if (nextData == from) {
      long hole = file.nextHole(from);
      if (hole > from) {
        return new Extent(offset, Math.min(hole - from, data.length()), true, false);
      }
    }
    long length = nextData > from ? Math.min(nextData - from, data.length()) : data.length();
    return new Extent(offset, length, format.unitLength() > 1, true);
  }

  private Extent backingExtent(long offset, long length) throws IOException {
    long present = backing.map(disk -> Math.clamp(disk.size() - offset, 0, length)).orElse(0L);
    return present > 0
        ? backing.orElseThrow().extentAt(offset, present)
        : new Extent(offset, length, false, true);
  }

  /// How this image itself maps the run, the backing image left out; beside other threads.
  Mapping mapHere(long offset, long maxLength) throws IOException {
    lock.readLock().lock();
    try {
      return format.map(offset, maxLength);
    } finally {
      lock.readLock().unlock();
    }
  }

  /// Writes a unit that [UnitPacker#pack] packed.
  void writeCompressed(long offset, MemorySegment packed) throws IOException {
    lock.writeLock().lock();
    try {
      beginWrites();
      format.writeCompressed(offset, packed);
      units.clear();
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public void resize(long newSize) throws IOException {
    lock.writeLock().lock();
    try {
      beginWrites();
      long oldSize = size();
      format.resize(newSize);
      units.clear();
      clearGrown(oldSize, newSize);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// New bytes may show what the last unit held after its end, or a backing disk that is longer.
  private void clearGrown(long oldSize, long newSize) throws IOException {
    for (long at = oldSize; at < newSize; ) {
      Extent extent = extentLocked(at, newSize - at);
      if (!extent.readsZero()) {
        writeZeroesLocked(at, extent.length(), ZeroMode.MAY_UNMAP);
      }
      at = extent.end();
    }
  }

  @Override
  public void flush() throws IOException {
    lock.writeLock().lock();
    try {
      format.flush();
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public void sync() throws IOException {
    lock.writeLock().lock();
    try {
      format.sync();
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public void close() throws IOException {
    try (format) {
      if (backing.isPresent()) {
        backing.get().close();
      }
    }
  }
}
