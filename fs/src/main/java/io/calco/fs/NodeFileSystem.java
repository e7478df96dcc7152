package io.calco.fs;

import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;

/// A file system as its files: a family says what a file is, holds and contains; paths are followed
/// here, and every change that the family does not override is refused.
///
/// A path that is not absolute, or has `.`, `..` or a zero in it, is a [FileSystemException]. What
/// was found is remembered; a family that writes calls [#forget] after each change.
///
/// Thread rule: confined to one thread at a time.
///
/// @param <N> what the family knows a file by, such as its inode
public abstract class NodeFileSystem<N> implements FileSystem {
  private static final int MAX_KNOWN = 1 << 14; // ours: remembered paths

  private final String family;
  private final SequencedMap<String, N> known = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /// @param family for messages: `xfs`
  protected NodeFileSystem(String family) {
    this.family = family;
  }

  /// The root directory.
  protected abstract N root() throws IOException;

  /// What the file says of itself.
  protected abstract FileStatus status(N file) throws IOException;

  /// The file of that name in a directory.
  ///
  /// @param directory is one
  protected abstract Optional<N> child(N directory, String name) throws IOException;

  /// What is in a directory, without `.` and `..`, bounded.
  ///
  /// @param directory is one
  protected abstract List<DirectoryEntry> entries(N directory) throws IOException;

  /// Reads as [FileSystem#read].
  ///
  /// @param file a regular file
  protected abstract int readAt(N file, long offset, MemorySegment dst) throws IOException;

  /// Where a link points.
  ///
  /// @param link a symbolic link
  protected abstract String target(N link) throws IOException;

  /// The file's extended attributes.
  protected SequencedMap<String, byte[]> attributesOf(N file) throws IOException {
    return new LinkedHashMap<>();
  }

  /// Forgets what was found: something has changed.
  protected final void forget() {
    known.clear();
  }

  /// The names of a path.
  ///
  /// @throws FileSystemException when it is none
  protected static List<String> names(String path) throws FileSystemException {
    if (!path.startsWith("/")) {
      throw new FileSystemException(path, null, "not an absolute path");
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/")) {
      if (name.equals(".") || name.equals("..") || name.indexOf(0) >= 0) {
        throw new FileSystemException(path, null, "a path with \".\", \"..\" or a zero");
      }
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  /// True after [#close].
  protected final boolean isClosed() {
    return closed;
  }

  /// @throws IllegalStateException when it is closed
  protected final void checkOpen() {
    if (closed) {
      throw new IllegalStateException("file system is closed");
    }
  }

  /// What lies at the path.
  protected final Optional<N> node(String path) throws IOException {
    checkOpen();
    N found = known.get(path);
    if (found != null) {
      return Optional.of(found);
    }
    N at = root();
    StringBuilder way = new StringBuilder();
    for (String name : names(path)) {
      way.append('/').append(name);
      N next = known.get(way.toString());
      if (next == null) {
        Optional<N> child =
            status(at).type() == FileType.DIRECTORY ? child(at, name) : Optional.empty();
        if (child.isEmpty()) {
          return Optional.empty();
        }
        next = child.get();
        remember(way.toString(), next);
      }
      at = next;
    }
    return Optional.of(at);
  }

  private void remember(String path, N node) {
    if (known.size() >= MAX_KNOWN) {
      known.pollFirstEntry();
    }
    known.put(path, node);
  }

  /// What lies at the path.
  ///
  /// @throws NoSuchFileException when nothing does
  protected final N require(String path) throws IOException {
    return node(path).orElseThrow(() -> new NoSuchFileException(path));
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public final Optional<FileStatus> find(String path) throws IOException {
    Optional<N> node = node(path);
    return node.isEmpty() ? Optional.empty() : Optional.of(status(node.get()));
  }

  @Override
  public final List<DirectoryEntry> list(String path) throws IOException {
    N node = require(path);
    if (status(node).type() != FileType.DIRECTORY) {
      throw new NotDirectoryException(path);
    }
    return entries(node);
  }

  @Override
  public final int read(String path, long offset, MemorySegment dst) throws IOException {
    if (offset < 0) {
      throw new IllegalArgumentException("offset " + offset);
    }
    N node = require(path);
    if (status(node).type() != FileType.REGULAR) {
      throw new FileSystemException(path, null, "not a regular file");
    }
    return readAt(node, offset, dst);
  }

  @Override
  public final String readLink(String path) throws IOException {
    N node = require(path);
    if (status(node).type() != FileType.SYMBOLIC_LINK) {
      throw new NotLinkException(path);
    }
    return target(node);
  }

  @Override
  public final SequencedMap<String, byte[]> extendedAttributes(String path) throws IOException {
    return attributesOf(require(path));
  }

  private UnsupportedFeatureException unwritten() {
    return new UnsupportedFeatureException(
        family
            + " file system: "
            + (writable() ? "this cannot be changed" : "open for reading only"));
  }

  @Override
  public void write(String path, byte[] content, FileAttributes attributes) throws IOException {
    throw unwritten();
  }

  @Override
  public void createDirectory(String path, FileAttributes attributes) throws IOException {
    throw unwritten();
  }

  @Override
  public void createLink(String path, String target, FileAttributes attributes) throws IOException {
    throw unwritten();
  }

  @Override
  public void delete(String path) throws IOException {
    throw unwritten();
  }

  @Override
  public void rename(String from, String to) throws IOException {
    throw unwritten();
  }

  @Override
  public void setAttributes(String path, FileAttributes attributes) throws IOException {
    throw unwritten();
  }

  @Override
  public void setExtendedAttribute(String path, String name, Optional<byte[]> value)
      throws IOException {
    throw unwritten();
  }

  @Override
  public void truncate(String path, long length) throws IOException {
    throw unwritten();
  }

  @Override
  public long trim() throws IOException {
    throw unwritten();
  }

  @Override
  public void growToDisk() throws IOException {
    throw unwritten();
  }

  @Override
  public Optional<String> uuidFrom(UUID uuid) throws IOException {
    return Optional.empty();
  }

  @Override
  public void setUuid(UUID uuid) throws IOException {
    throw unwritten();
  }

  @Override
  public void sync() throws IOException {}

  @Override
  public void close() throws IOException {
    closed = true;
  }
}
