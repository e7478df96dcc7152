package io.calco.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A host file that is made of something else and cannot be changed: what reading needs is left to
/// the subclass, and all of it counts as data unless the subclass knows better.
public abstract class ReadOnlyFile implements HostFile {
  private final String name;

  /// A file of that name.
  protected ReadOnlyFile(String name) {
    this.name = name;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final boolean writable() {
    return false;
  }

  /// Where a read ends; refuses one that cannot lie in any file.
  protected final long endOf(long offset, MemorySegment dst) throws EOFException {
    if (offset < 0 || dst.byteSize() > Long.MAX_VALUE - offset) {
      throw new EOFException("%s: no byte is at 0x%x".formatted(name, offset));
    }
    return offset + dst.byteSize();
  }

  /// What to throw when a read goes beyond the end.
  ///
  /// @param size where the file ends
  /// @param end where the read would have ended
  protected final EOFException endsBefore(long size, long end) {
    return new EOFException("%s: ends at 0x%x, before 0x%x".formatted(name, size, end));
  }

  @Override
  public final void write(long offset, MemorySegment src) throws IOException {
    throw refused();
  }

  @Override
  public final void truncate(long size) throws IOException {
    throw refused();
  }

  @Override
  public final void punchHole(long offset, long length) throws IOException {
    throw refused();
  }

  @Override
  public final void copyFrom(HostFile source, long sourceOffset, long offset, long length)
      throws IOException {
    throw refused();
  }

  private UnsupportedFeatureException refused() {
    return new UnsupportedFeatureException(name + ": can only be read");
  }

  @Override
  public long nextData(long offset) throws IOException {
    return Math.min(offset, size());
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return size();
  }

  @Override
  public long allocatedSize() throws IOException {
    return size();
  }

  @Override
  public final void sync() {}
}
