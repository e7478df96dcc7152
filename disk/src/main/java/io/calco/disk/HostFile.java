package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The bytes on the host that an image format lies in: a local file, a member of an archive, a disk
/// that holds an image. All offsets and lengths are in bytes, 0 or more.
///
/// Thread rule: safe for several threads at once; [#truncate] and [#close] exclude other calls on
/// the same file.
public interface HostFile extends AutoCloseable {

  /// The name for messages: the path as the user gave it.
  String name();

  /// The file size in bytes.
  long size() throws IOException;

  /// True when the file has at least `end` bytes. Where the end is dear to find, as in a compressed
  /// stream, this looks no further than it must.
  default boolean reaches(long end) throws IOException {
    return size() >= end;
  }

  /// True when it was opened for writing.
  boolean writable();

  /// True when the bytes lie on the host as they are read here; false for a view that decrypts
  /// them.
  default boolean plain() {
    return true;
  }

  /// Reads exactly `dst.byteSize()` bytes at `offset`; an [java.io.EOFException] when the file ends
  /// before.
  void read(long offset, MemorySegment dst) throws IOException;

  /// Writes exactly `src.byteSize()` bytes at `offset`; the file grows as needed, a gap reads as
  /// zeroes.
  void write(long offset, MemorySegment src) throws IOException;

  /// Sets the file size; new bytes read as zeroes.
  void truncate(long size) throws IOException;

  /// Makes the run, which must lie inside the file, read as zeroes and frees its host space where
  /// the host can.
  void punchHole(long offset, long length) throws IOException;

  /// Sets host space aside for the run where the host can, so that writing it will not fail for
  /// lack of it; a file that ends before grows. Bytes that exist keep their content, others read as
  /// zeroes.
  default void allocate(long offset, long length) throws IOException {
    if (offset + length > size()) {
      truncate(offset + length);
    }
  }

  /// The first byte at or after `offset` that may hold data, or [#size] when only holes follow.
  long nextData(long offset) throws IOException;

  /// The first byte at or after `offset` that lies in a hole, or [#size] when only data follows.
  long nextHole(long offset) throws IOException;

  /// The host blocks that the file takes, in bytes (allocated size); [#size] when unknown.
  long allocatedSize() throws IOException;

  /// Copies `length` bytes from another file into this one, by the host's own means (reflink,
  /// copy_file_range) where it has any.
  void copyFrom(HostFile source, long sourceOffset, long offset, long length) throws IOException;

  /// Returns when everything written so far is on the medium.
  void sync() throws IOException;

  @Override
  void close() throws IOException;
}
