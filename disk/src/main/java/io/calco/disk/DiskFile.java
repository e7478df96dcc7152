package io.calco.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A disk as a file: what lies in a partition, for those who read files. It has the disk's size and
/// cannot grow. Thread rule: as [HostFile].
public final class DiskFile implements HostFile {
  private static final int PIECE = 1 << 20;

  private final String name;
  private final Disk disk;
  private final boolean owned;

  /// Closing it leaves the disk open.
  ///
  /// @param name for messages
  public DiskFile(String name, Disk disk) {
    this(name, disk, false);
  }

  private DiskFile(String name, Disk disk, boolean owned) {
    this.name = name;
    this.disk = disk;
    this.owned = owned;
  }

  /// Closing it closes the disk.
  ///
  /// @param name for messages
  public static DiskFile owning(String name, Disk disk) {
    return new DiskFile(name, disk, true);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public boolean writable() {
    return disk.capabilities().writable();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    checkRange(offset, dst.byteSize());
    disk.read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    checkRange(offset, src.byteSize());
    disk.write(offset, src);
  }

  private void checkRange(long offset, long length) throws EOFException {
    if (offset < 0 || length > disk.size() - offset) {
      throw new EOFException(
          "%s: %d bytes at 0x%x; it has %d".formatted(name, length, offset, disk.size()));
    }
  }

  /// A disk's size is its own.
  @Override
  public void truncate(long size) throws IOException {
    if (size != disk.size()) {
      throw new UnsupportedFeatureException(name + ": cannot be resized");
    }
  }

  @Override
  public void punchHole(long offset, long length) throws IOException {
    checkRange(offset, length);
    disk.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return next(offset, false);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return next(offset, true);
  }

  private long next(long offset, boolean hole) throws IOException {
    long at = offset;
    while (at < disk.size()) {
      Extent extent = disk.extentAt(at, disk.size() - at);
      if (extent.readsZero() == hole) {
        return at;
      }
      at = extent.end();
    }
    return disk.size();
  }

  @Override
  public long allocatedSize() {
    return disk.size();
  }

  @Override
  public void copyFrom(HostFile source, long sourceOffset, long offset, long length)
      throws IOException {
    MemorySegment piece = MemorySegment.ofArray(new byte[(int) Math.min(length, PIECE)]);
    for (long done = 0; done < length; ) {
      MemorySegment part = piece.asSlice(0, Math.min(piece.byteSize(), length - done));
      source.read(sourceOffset + done, part);
      write(offset + done, part);
      done += part.byteSize();
    }
  }

  @Override
  public void sync() throws IOException {
    disk.sync();
  }

  @Override
  public void close() throws IOException {
    if (owned) {
      disk.close();
    }
  }
}
