package io.calco.disk;

import io.calco.sys.FileBusyException;
import io.calco.sys.FileStatus;
import io.calco.sys.OpenFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A plain file or block device of this host.
///
/// Memory passed in may be native or heap; native memory goes to the kernel as it is. A file beside
/// which [#lock] is called is also guarded against QEMU and other Calcos. Closing while another
/// thread reads or writes is safe: that call ends as it would have, later ones throw a
/// [java.nio.channels.ClosedChannelException].
public final class LocalFile implements HostFile {
  private static final long PIECE = 256 << 10;

  /// Zeroes to write where the host cannot make a hole.
  private static final MemorySegment ZEROES = Arena.global().allocate(256 << 10, 4096).asReadOnly();

  private final OpenFile file;
  private final boolean writable;
  private final FileStatus.Kind kind;
  private final boolean remote;

  private LocalFile(OpenFile file, boolean writable, FileStatus.Kind kind) throws IOException {
    this.file = file;
    this.writable = writable;
    this.kind = kind;
    this.remote = writable && file.fileSystem().shared();
  }

  /// Opens an existing file or block device.
  ///
  /// @throws UnsupportedFeatureException when it is a directory, a pipe or the like
  /// @throws DiskInUseException when it is a block device to be written that is mounted or taken
  public static LocalFile open(Path path, boolean writable) throws IOException {
    if (!writable) {
      return owning(OpenFile.open(path, OpenFile.Access.READ), false);
    }
    try {
      return owning(OpenFile.open(path, OpenFile.Access.WRITE, OpenFile.Option.EXCLUSIVE), true);
    } catch (FileBusyException mounted) {
      throw ImageLock.taken(path);
    }
  }

  /// Creates a file that must not exist yet, and opens it for writing.
  public static LocalFile create(Path path) throws IOException {
    return owning(OpenFile.open(path, OpenFile.Access.CREATE), true);
  }

  /// Takes over an open file; it is closed when this fails.
  static LocalFile owning(OpenFile file, boolean writable) throws IOException {
    try {
      FileStatus.Kind kind = file.status().kind();
      return switch (kind) {
        case REGULAR, BLOCK_DEVICE -> new LocalFile(file, writable, kind);
        case DIRECTORY ->
            throw new UnsupportedFeatureException(file + ": is a directory, not a file");
        case OTHER ->
            throw new UnsupportedFeatureException(file + ": is no plain file or block device");
      };
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  /// Locks the file as QEMU locks its images, until it is closed.
  ///
  /// @throws DiskInUseException when somebody has it in a way that does not go with `use`
  public void lock(ImageLock use) throws IOException {
    use.take(file);
  }

  /// Makes this empty file a copy of `source` that shares its blocks (reflink).
  ///
  /// @return false when the file system cannot; nothing was changed then
  boolean cloneOf(LocalFile source) throws IOException {
    return file.cloneRange(source.file, 0, 0, source.size());
  }

  @Override
  public String name() {
    return file.path().toString();
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public boolean writable() {
    return writable;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long done = file.read(offset, dst);
    if (done < dst.byteSize()) {
      throw new EOFException(
          "%s: ends at 0x%x, before 0x%x"
              .formatted(name(), offset + done, offset + dst.byteSize()));
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    file.write(offset, src);
  }

  @Override
  public void truncate(long size) throws IOException {
    if (kind == FileStatus.Kind.BLOCK_DEVICE) {
      throw new UnsupportedFeatureException(
          "%s: is a block device of %d bytes and stays so".formatted(name(), size()));
    }
    file.truncate(size);
  }

  @Override
  public void punchHole(long offset, long length) throws IOException {
    if (file.punchHole(offset, length) || file.zeroRange(offset, length)) {
      return;
    }
    for (long done = 0; done < length; ) {
      long n = Math.min(ZEROES.byteSize(), length - done);
      file.write(offset + done, ZEROES.asSlice(0, n));
      done += n;
    }
  }

  @Override
  public void allocate(long offset, long length) throws IOException {
    if (!file.preallocate(offset, length) && kind == FileStatus.Kind.REGULAR) {
      HostFile.super.allocate(offset, length);
    }
  }

  @Override
  public long nextData(long offset) throws IOException {
    return file.nextData(offset);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return file.nextHole(offset);
  }

  @Override
  public long allocatedSize() throws IOException {
    return kind == FileStatus.Kind.REGULAR ? file.status().allocatedSize() : size();
  }

  @Override
  public void copyFrom(HostFile source, long sourceOffset, long offset, long length)
      throws IOException {
    if (source instanceof LocalFile from) {
      copyFromLocal(from, sourceOffset, offset, length);
    } else {
      copyThroughMemory(source, sourceOffset, offset, length);
    }
  }

  private void copyFromLocal(LocalFile from, long sourceOffset, long offset, long length)
      throws IOException {
    long sourceSize = from.size();
    if (length > sourceSize - sourceOffset) {
      throw new EOFException(
          "%s: ends at 0x%x, before 0x%x"
              .formatted(from.name(), sourceSize, sourceOffset + length));
    }
    if (from.file.status().sameFile(file.status()) && overlap(sourceOffset, offset, length)) {
      throw new IllegalArgumentException(
          "%s: copying 0x%x bytes from 0x%x onto 0x%x of the same file"
              .formatted(name(), length, sourceOffset, offset));
    }
    if (file.cloneRange(from.file, sourceOffset, offset, length)) {
      return;
    }
    long end = sourceOffset + length;
    long shift = offset - sourceOffset;
    for (long at = sourceOffset; at < end; ) {
      long data = Math.min(from.nextData(at), end);
      if (data > at) {
        zero(at + shift, data - at);
        at = data;
      }
      if (at < end) {
        long hole = Math.clamp(from.nextHole(at), at + 1, end);
        copyData(from, at, at + shift, hole - at);
        at = hole;
      }
    }
  }

  private static boolean overlap(long one, long other, long length) {
    return one < other + length && other < one + length;
  }

  /// Inside the kernel only where that saves a journey over the network: a local file system's
  /// copy_file_range is no faster than reading and writing, and holds up other threads' writes.
  private void copyData(LocalFile from, long sourceOffset, long offset, long length)
      throws IOException {
    long done = 0;
    while (done < length && remote) {
      long n = file.copyRange(from.file, sourceOffset + done, offset + done, length - done);
      if (n == 0) {
        break;
      }
      done += n;
    }
    copyThroughMemory(from, sourceOffset + done, offset + done, length - done);
  }

  private void copyThroughMemory(HostFile source, long sourceOffset, long offset, long length)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.min(PIECE, length), 4096);
      for (long done = 0; done < length; ) {
        MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, length - done));
        source.read(sourceOffset + done, piece);
        file.write(offset + done, piece);
        done += piece.byteSize();
      }
    }
  }

  /// Makes a run read as zeroes, at the end of the file or beyond too.
  private void zero(long offset, long length) throws IOException {
    long size = size();
    long inside = Math.clamp(size - offset, 0, length);
    if (inside > 0) {
      punchHole(offset, inside);
    }
    if (inside < length) {
      truncate(offset + length);
    }
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
