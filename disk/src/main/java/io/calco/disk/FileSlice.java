package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A run of another file's bytes as a file of its own: a member of an archive that is stored as it
/// is.
public final class FileSlice extends ReadOnlyFile {
  private final HostFile file;
  private final long start;
  private final long length;

  private FileSlice(String name, HostFile file, long start, long length) {
    super(name);
    this.file = file;
    this.start = start;
    this.length = length;
  }

  /// The bytes `[start, start + length)` of `file`, which must reach that far; `file` is closed
  /// with the slice.
  public static FileSlice owning(String name, HostFile file, long start, long length) {
    Objects.checkFromIndexSize(start, length, Long.MAX_VALUE);
    return new FileSlice(name, file, start, length);
  }

  @Override
  public long size() {
    return length;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    if (offset < 0 || offset > length || dst.byteSize() > length - offset) {
      throw endsBefore(length, offset + dst.byteSize());
    }
    file.read(start + offset, dst);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return offset >= length ? length : inside(file.nextData(start + offset));
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return offset >= length ? length : inside(file.nextHole(start + offset));
  }

  private long inside(long fileOffset) {
    return Math.min(fileOffset - start, length);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
