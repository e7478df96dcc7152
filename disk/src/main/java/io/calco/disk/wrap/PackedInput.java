package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;

/// Reads a host file from front to end through a buffer, and says where it is. Thread rule:
/// confined. Closing it leaves the file open.
final class PackedInput extends InputStream {
  private static final int BUFFER = 64 << 10;

  private final HostFile file;
  private final byte[] buffer;
  private long position;
  private int at;
  private int limit;

  PackedInput(HostFile file, long position) {
    this(file, position, BUFFER);
  }

  /// @param bufferLength bytes read at once; few for headers that lie far apart
  PackedInput(HostFile file, long position, int bufferLength) {
    this.file = file;
    this.position = position;
    this.buffer = new byte[bufferLength];
  }

  /// Reads up to `dst.byteSize()` bytes: fewer only where the file ends. Its size, which may be
  /// dear to know, is asked only there.
  static int readUpTo(HostFile file, long offset, MemorySegment dst) throws IOException {
    try {
      file.read(offset, dst);
      return Math.toIntExact(dst.byteSize());
    } catch (EOFException end) {
      long present = Math.clamp(file.size() - offset, 0, dst.byteSize());
      if (present == dst.byteSize()) {
        throw end;
      }
      if (present > 0) {
        file.read(offset, dst.asSlice(0, present));
      }
      return Math.toIntExact(present);
    }
  }

  /// The file that is read.
  HostFile file() {
    return file;
  }

  /// The file offset of the next byte.
  long position() {
    return position - limit + at;
  }

  /// Goes to another place, at no cost when it is near.
  void seek(long offset) {
    long start = position - limit;
    if (offset >= start && offset <= position) {
      at = Math.toIntExact(offset - start);
    } else {
      position = offset;
      at = 0;
      limit = 0;
    }
  }

  private boolean fill() throws IOException {
    if (at < limit) {
      return true;
    }
    int n = readUpTo(file, position, MemorySegment.ofArray(buffer));
    at = 0;
    limit = n;
    position += n;
    return n > 0;
  }

  @Override
  public int read() throws IOException {
    return fill() ? buffer[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] dst, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int n = Math.min(length, limit - at);
    System.arraycopy(buffer, at, dst, offset, n);
    at += n;
    return n;
  }

  @Override
  public int available() {
    return limit - at;
  }

  /// The next byte.
  ///
  /// @param structure what it belongs to, for the message when the file ends
  int u8(String structure) throws IOException {
    int value = read();
    if (value < 0) {
      throw truncated(structure);
    }
    return value;
  }

  /// The next two bytes, little-endian.
  int u16(String structure) throws IOException {
    return u8(structure) | u8(structure) << 8;
  }

  /// The next four bytes, little-endian, unsigned.
  long u32(String structure) throws IOException {
    return u16(structure) | (long) u16(structure) << 16;
  }

  /// The next eight bytes, little-endian.
  long u64(String structure) throws IOException {
    return u32(structure) | u32(structure) << 32;
  }

  /// All of `dst`.
  void readAll(byte[] dst, int offset, int length, String structure) throws IOException {
    for (int done = 0; done < length; ) {
      int n = read(dst, offset + done, length - done);
      if (n < 0) {
        throw truncated(structure);
      }
      done += n;
    }
  }

  /// Leaves out `length` bytes, which must be there.
  void skipNBytes(long length, String structure) throws IOException {
    if (length > 0) {
      seek(Math.addExact(position(), length - 1));
      u8(structure);
    }
  }

  /// The file ends too early.
  CorruptImageException truncated(String structure) {
    return CorruptImageException.at(
        file.name(), structure, position(), "the end of the file", "more bytes");
  }

  /// Something does not hold what it must.
  CorruptImageException corrupt(String structure, long offset, Object found, Object expected) {
    return CorruptImageException.at(file.name(), structure, offset, found, expected);
  }
}
