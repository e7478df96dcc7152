package io.calco.disk;

import java.io.IOException;

/// An open image in whose file every guest byte has its place: nothing is set aside or moved, and
/// no metadata waits in memory. Unless it says otherwise, its bytes are the file's, hole for hole.
///
/// Thread rule: as [FormatDriver] has it.
public abstract class InPlaceImage implements OpenedFormat {
  /// The image's file.
  protected final HostFile file;

  /// Whether it may be changed.
  protected final boolean writable;

  /// Takes the file over.
  protected InPlaceImage(HostFile file, boolean writable) {
    this.file = file;
    this.writable = writable;
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(writable, true, writable, writable, writable);
  }

  @Override
  public final int unitLength() {
    return 1;
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    return new Mapping.Data(file, offset, maxLength, true);
  }

  @Override
  public void beginWrites() throws IOException {}

  @Override
  public final Allocation allocate(long offset, long length) {
    throw new IllegalStateException("the image is written in place");
  }

  @Override
  public final void commit(Allocation allocation) {}

  @Override
  public final void abandon(Allocation allocation) {}

  @Override
  public long zero(long offset, long length, ZeroMode mode) throws IOException {
    if (mode == ZeroMode.KEEP_ALLOCATED) {
      return 0;
    }
    file.punchHole(offset, length);
    return length;
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    file.punchHole(offset, length);
  }

  @Override
  public final void flush() {}

  @Override
  public final void sync() throws IOException {
    file.sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
