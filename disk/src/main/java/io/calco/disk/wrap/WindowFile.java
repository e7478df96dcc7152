package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The end of a file from some offset on, as a file of its own that can be written: a member of an
/// archive in the making. Closing it leaves the file open. Thread rule: as [HostFile].
final class WindowFile implements HostFile {
  private final String name;
  private final HostFile file;
  private final long start;

  /// @param start where the window begins; the file ends there, or before
  WindowFile(String name, HostFile file, long start) throws IOException {
    this.name = name;
    this.file = file;
    this.start = start;
    file.truncate(start);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    return file.size() - start;
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    file.read(inFile(offset), dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    file.write(inFile(offset), src);
  }

  @Override
  public void truncate(long size) throws IOException {
    file.truncate(inFile(size));
  }

  @Override
  public void punchHole(long offset, long length) throws IOException {
    file.punchHole(inFile(offset), length);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return file.nextData(inFile(offset)) - start;
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return file.nextHole(inFile(offset)) - start;
  }

  @Override
  public long allocatedSize() throws IOException {
    return size();
  }

  @Override
  public void copyFrom(HostFile source, long sourceOffset, long offset, long length)
      throws IOException {
    file.copyFrom(source, sourceOffset, inFile(offset), length);
  }

  private long inFile(long offset) throws IOException {
    if (offset < 0 || offset > Long.MAX_VALUE - start) {
      throw new EOFException("%s: no byte is at 0x%x".formatted(name, offset));
    }
    return start + offset;
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public void close() {}
}
