package io.calco.fs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A file system in a disk: read, and where [#writable] written. Symbolic links are never followed
/// here except where it says so; a path whose parent is missing or is no directory throws
/// [java.nio.file.NoSuchFileException].
///
/// Every change is complete and consistent on its own; [#sync] makes all changes so far durable.
/// After a failed change the file system holds either the old or the new state of that file, as its
/// own checker sees it.
public interface FileSystem extends UsedBlocks, AutoCloseable {

  /// True when it was opened for writing.
  boolean writable();

  /// What lies at `path`, links not followed.
  Optional<FileStatus> find(String path) throws IOException;

  /// The entries of a directory without `.` and `..`, in the file system's order.
  List<DirectoryEntry> list(String path) throws IOException;

  /// Reads from a regular file, at most `dst.byteSize()` bytes.
  ///
  /// @return bytes read; fewer than asked only at the end of the file, 0 at or after it
  int read(String path, long offset, MemorySegment dst) throws IOException;

  /// Where a symbolic link points.
  String readLink(String path) throws IOException;

  /// The extended attributes, names with their namespace (`security.selinux`), in the file system's
  /// order.
  java.util.SequencedMap<String, byte[]> extendedAttributes(String path) throws IOException;

  /// Creates a regular file, or replaces one's content and attributes. The old file's extended
  /// attributes are kept.
  void write(String path, byte[] content, FileAttributes attributes) throws IOException;

  /// Creates a directory.
  void createDirectory(String path, FileAttributes attributes) throws IOException;

  /// Creates a symbolic link.
  void createLink(String path, String target, FileAttributes attributes) throws IOException;

  /// Removes a file, link, device node, or empty directory.
  void delete(String path) throws IOException;

  /// Renames, replacing a file that is there.
  void rename(String from, String to) throws IOException;

  /// Sets permission bits, owner, group and modification time.
  void setAttributes(String path, FileAttributes attributes) throws IOException;

  /// Sets or, with an empty value, removes an extended attribute.
  void setExtendedAttribute(String path, String name, Optional<byte[]> value) throws IOException;

  /// Sets the length of a regular file: 0 empties it; growing adds a hole.
  void truncate(String path, long length) throws IOException;

  /// Discards every free block in the disk below, so that nothing of deleted files is left in it.
  ///
  /// @return bytes discarded
  long trim() throws IOException;

  /// Grows the file system to the size of its disk.
  void growToDisk() throws IOException;

  /// What [#setUuid] would make of `uuid`, as [FileSystemFacts#uuid] writes it: a family may have a
  /// shorter number, or choose some of the bytes itself. Empty when this file system keeps its own.
  Optional<String> uuidFrom(UUID uuid) throws IOException;

  /// Gives the file system the identity [#uuidFrom] tells. Whoever mounts it by the old one is to
  /// be told.
  void setUuid(UUID uuid) throws IOException;

  /// Returns when all changes are on the medium.
  void sync() throws IOException;

  /// Writes what is buffered, marks the file system clean, and closes; the disk stays open.
  @Override
  void close() throws IOException;

  /// Takes runs of bytes.
  @FunctionalInterface
  interface RunConsumer {
    /// One run.
    void accept(long offset, long length) throws IOException;
  }
}
