package io.calco.disk;

import java.io.EOFException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A host file in an array. Thread rule: reads beside each other.
public class MemoryFile implements HostFile {
  private byte[] bytes;
  private int size;
  private boolean closed;

  /// An empty file.
  public MemoryFile() {
    this(new byte[0]);
  }

  /// A file of a copy of these bytes.
  public MemoryFile(byte[] content) {
    bytes = content.clone();
    size = content.length;
  }

  /// A copy of the content.
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  /// True after [#close].
  public boolean closed() {
    return closed;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws EOFException {
    if (offset < 0 || offset > size || dst.byteSize() > size - offset) {
      throw new EOFException("memory: ends before 0x%x".formatted(offset + dst.byteSize()));
    }
    MemorySegment.copy(MemorySegment.ofArray(bytes), offset, dst, 0, dst.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment src) {
    reserve(Math.addExact(offset, src.byteSize()));
    MemorySegment.copy(
        src, ValueLayout.JAVA_BYTE, 0, bytes, Math.toIntExact(offset), (int) src.byteSize());
  }

  private void reserve(long end) {
    if (end > size) {
      if (end > bytes.length) {
        if (end > 256 << 20) {
          throw new IllegalStateException("a file of " + end + " bytes in a test");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.max(end, bytes.length * 2L));
      }
      size = (int) end;
    }
  }

  @Override
  public void truncate(long newSize) {
    if (newSize < size) {
      Arrays.fill(bytes, (int) newSize, size, (byte) 0);
      size = (int) newSize;
    } else {
      reserve(newSize);
    }
  }

  @Override
  public void punchHole(long offset, long length) {
    if (offset + length > size) {
      throw new IllegalArgumentException("hole beyond the end");
    }
    Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
  }

  @Override
  public long nextData(long offset) {
    return Math.min(offset, size);
  }

  @Override
  public long nextHole(long offset) {
    return size;
  }

  @Override
  public long allocatedSize() {
    return size;
  }

  @Override
  public void copyFrom(HostFile source, long sourceOffset, long offset, long length)
      throws java.io.IOException {
    MemorySegment piece = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    source.read(sourceOffset, piece);
    write(offset, piece);
  }

  @Override
  public void sync() {}

  @Override
  public void close() {
    closed = true;
  }
}
