package io.calco.guest.inspect.packages;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/// A database in the guest, read at any place through one window that grows while reads follow each
/// other, so that a database whose pages jump about costs no more than it must. For one thread.
final class DatabaseFile {
  /// Largest database: 1 GiB, ours; a Fedora with everything has a third of it.
  static final long MAX_SIZE = 1L << 30;

  /// Longest record: 64 MiB, ours; the kernel's packages have headers of two.
  static final int MAX_RECORD = 64 << 20;

  private static final int SMALLEST_WINDOW = 1 << 12;
  private static final int LARGEST_WINDOW = 1 << 18;

  private final GuestTree tree;
  private final String path;
  private final long size;
  private byte[] window = new byte[0];
  private long start;
  private int width = SMALLEST_WINDOW;

  private DatabaseFile(GuestTree tree, String path, long size) {
    this.tree = tree;
    this.path = path;
    this.size = size;
  }

  /// The regular file that `path` means.
  ///
  /// @throws LimitExceededException when it is larger than [#MAX_SIZE]
  static Optional<DatabaseFile> find(GuestTree tree, String path) throws IOException {
    Optional<String> real = tree.realPath(path);
    Optional<FileStatus> status = real.isEmpty() ? Optional.empty() : tree.find(real.get());
    if (status.isEmpty() || status.get().type() != FileType.REGULAR) {
      return Optional.empty();
    }
    if (status.get().size() > MAX_SIZE) {
      throw new LimitExceededException(
          "%s in the guest: %d bytes, more than the %d that are read (our limit)"
              .formatted(path, status.get().size(), MAX_SIZE));
    }
    return Optional.of(new DatabaseFile(tree, real.get(), status.get().size()));
  }

  long size() {
    return size;
  }

  /// All of the bytes; what lies beyond the end is corrupt.
  byte[] read(long offset, int length, String structure) throws IOException {
    if (offset < 0 || length < 0 || length > size || offset > size - length) {
      throw corrupt(structure, offset, length + " bytes", "the file's end at " + size);
    }
    byte[] bytes = new byte[length];
    int done = 0;
    while (done < length) {
      long at = offset + done;
      if (at < start || at >= start + window.length) {
        fill(at, structure);
      }
      int from = Math.toIntExact(at - start);
      int count = Math.min(length - done, window.length - from);
      System.arraycopy(window, from, bytes, done, count);
      done += count;
    }
    return bytes;
  }

  private void fill(long at, String structure) throws IOException {
    boolean follows = at == start + window.length;
    width = follows ? Math.min(2 * width, LARGEST_WINDOW) : SMALLEST_WINDOW;
    start = at / SMALLEST_WINDOW * SMALLEST_WINDOW;
    byte[] next = new byte[Math.toIntExact(Math.min(width, size - start))];
    int done = 0;
    while (done < next.length) {
      int read = tree.read(path, start + done, MemorySegment.ofArray(next).asSlice(done));
      if (read <= 0) {
        break;
      }
      done += read;
    }
    window = done == next.length ? next : Arrays.copyOf(next, done);
    if (at >= start + done) {
      window = new byte[0];
      throw corrupt(structure, at, "the file's end", "bytes up to " + size);
    }
  }

  CorruptImageException corrupt(String structure, long offset, Object found, Object expected) {
    return CorruptImageException.at(path, structure, offset, found, expected);
  }

  UnsupportedFeatureException unsupported(String what) {
    return new UnsupportedFeatureException(path + " in the guest: " + what);
  }
}
