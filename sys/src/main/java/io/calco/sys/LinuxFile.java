package io.calco.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Set;

/// A file through the kernel's own calls.
final class LinuxFile extends OpenFile {
  private static final int NEW_FILE_MODE = 0666;

  /// `struct file_clone_range` of `ioctl_ficlonerange(2)`.
  private static final int SRC_FD = 0;

  private static final int SRC_OFFSET = 8;
  private static final int SRC_LENGTH = 16;
  private static final int DEST_OFFSET = 24;

  private static final MemorySegment NO_NAME = Arena.global().allocate(1);

  private final Descriptor descriptor;

  private LinuxFile(Path path, Descriptor descriptor) {
    super(path);
    this.descriptor = descriptor;
  }

  static LinuxFile open(Path path, Access access, Set<Option> options) throws IOException {
    Architecture host = Architecture.ofHost().orElseThrow();
    int flags = LibC.O_CLOEXEC | LibC.O_NOCTTY;
    flags |=
        switch (access) {
          case READ -> LibC.O_RDONLY;
          case WRITE -> LibC.O_RDWR;
          case CREATE -> LibC.O_RDWR | LibC.O_CREAT | LibC.O_EXCL;
        };
    for (Option option : options) {
      flags |=
          switch (option) {
            case NO_FOLLOW -> host.oNofollow();
            case DIRECT -> host.oDirect();
            case EXCLUSIVE -> 0;
          };
    }
    try (Arena arena = Arena.ofConfined();
        CallFrame frame = CallFrame.take()) {
      MemorySegment name = NativeName.of(path, arena);
      // Without O_CREAT, O_EXCL has a meaning for block devices alone.
      if (options.contains(Option.EXCLUSIVE) && isBlockDevice(frame, name)) {
        flags |= LibC.O_EXCL;
      }
      // A pipe does not hold us up; a file that a lease protects for a moment is waited for.
      int fd = openat(frame, name, flags | LibC.O_NONBLOCK);
      if (fd < 0 && frame.errno() == Errno.EAGAIN) {
        fd = openat(frame, name, flags);
      }
      if (fd < 0) {
        throw Errno.exception(frame.errno(), path.toString(), null);
      }
      return new LinuxFile(path, new Descriptor(fd));
    }
  }

  private static boolean isBlockDevice(CallFrame frame, MemorySegment name) {
    int mask = LibC.STATX_BASIC_STATS;
    return LibC.statx(frame, LibC.AT_FDCWD, name, 0, mask, frame.arguments()) == 0
        && Statx.decode(frame.arguments()).kind() == FileStatus.Kind.BLOCK_DEVICE;
  }

  private static int openat(CallFrame frame, MemorySegment name, int flags) {
    int fd;
    do {
      fd = LibC.openat(frame, LibC.AT_FDCWD, name, flags, NEW_FILE_MODE);
    } while (fd < 0 && frame.errno() == Errno.EINTR);
    return fd;
  }

  /// One or more calls on the descriptor, with a frame of their own.
  private interface Call<T> {
    T on(int fd, CallFrame frame) throws IOException;
  }

  private interface LongCall {
    long on(int fd, CallFrame frame) throws IOException;
  }

  private <T> T with(Call<T> call) throws IOException {
    int fd = descriptor.acquire();
    try (CallFrame frame = CallFrame.take()) {
      return call.on(fd, frame);
    } finally {
      descriptor.release();
    }
  }

  /// Makes a call until a signal does not interrupt it; its result, or -1 with errno in the frame.
  private static long retried(int fd, CallFrame frame, LongCall call) throws IOException {
    long result;
    do {
      result = call.on(fd, frame);
    } while (result < 0 && frame.errno() == Errno.EINTR);
    return result;
  }

  private IOException failure(CallFrame frame) {
    return Errno.exception(frame.errno(), path().toString(), null);
  }

  private long must(LongCall call) throws IOException {
    return with((fd, frame) -> {
      long result = retried(fd, frame, call);
      if (result < 0) {
        throw failure(frame);
      }
      return result;
    });
  }

  @Override
  public long size() throws IOException {
    return must((fd, frame) -> LibC.lseek(frame, fd, 0, LibC.SEEK_END));
  }

  @Override
  public FileStatus status() throws IOException {
    return with((fd, frame) -> {
      MemorySegment buffer = frame.arguments();
      int mask = LibC.STATX_BASIC_STATS;
      if (LibC.statx(frame, fd, NO_NAME, LibC.AT_EMPTY_PATH, mask, buffer) < 0) {
        throw failure(frame);
      }
      return Statx.decode(buffer);
    });
  }

  @Override
  public FileSystemKind fileSystem() throws IOException {
    return with((fd, frame) -> {
      if (LibC.fstatfs(frame, fd, frame.arguments()) < 0) {
        throw failure(frame);
      }
      return FileSystemKind.of(frame.arguments().get(ValueLayout.JAVA_LONG, 0));
    });
  }

  @Override
  public long read(long offset, MemorySegment dst) throws IOException {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("reading into read-only memory");
    }
    checkOffset(offset, dst.byteSize());
    int fd = descriptor.acquire();
    try (CallFrame frame = CallFrame.take()) {
      return dst.isNative()
          ? readNative(fd, frame, offset, dst)
          : readThroughBounce(fd, frame, offset, dst);
    } finally {
      descriptor.release();
    }
  }

  private long readNative(int fd, CallFrame frame, long offset, MemorySegment dst)
      throws IOException {
    long length = dst.byteSize();
    long done = 0;
    while (done < length) {
      MemorySegment rest = done == 0 ? dst : dst.asSlice(done);
      long n = LibC.pread(frame, fd, rest, length - done, offset + done);
      if (n > 0) {
        done += n;
      } else if (n == 0) {
        break;
      } else if (frame.errno() != Errno.EINTR) {
        throw failure(frame);
      }
    }
    return done;
  }

  private long readThroughBounce(int fd, CallFrame frame, long offset, MemorySegment dst)
      throws IOException {
    long done = 0;
    try (BounceBuffer bounce = BounceBuffer.take()) {
      while (done < dst.byteSize()) {
        MemorySegment piece = bounce.first(dst.byteSize() - done);
        long n = readNative(fd, frame, offset + done, piece);
        MemorySegment.copy(piece, 0, dst, done, n);
        done += n;
        if (n < piece.byteSize()) {
          break;
        }
      }
    }
    return done;
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    checkOffset(offset, src.byteSize());
    int fd = descriptor.acquire();
    try (CallFrame frame = CallFrame.take()) {
      if (src.isNative()) {
        writeNative(fd, frame, offset, src);
      } else {
        writeThroughBounce(fd, frame, offset, src);
      }
    } finally {
      descriptor.release();
    }
  }

  private void writeNative(int fd, CallFrame frame, long offset, MemorySegment src)
      throws IOException {
    long length = src.byteSize();
    long done = 0;
    while (done < length) {
      MemorySegment rest = done == 0 ? src : src.asSlice(done);
      long n = LibC.pwrite(frame, fd, rest, length - done, offset + done);
      if (n > 0) {
        done += n;
      } else if (n == 0) {
        throw new FileSystemException(path().toString(), null, "takes no more bytes");
      } else if (frame.errno() != Errno.EINTR) {
        throw failure(frame);
      }
    }
  }

  private void writeThroughBounce(int fd, CallFrame frame, long offset, MemorySegment src)
      throws IOException {
    long done = 0;
    try (BounceBuffer bounce = BounceBuffer.take()) {
      while (done < src.byteSize()) {
        MemorySegment piece = bounce.first(src.byteSize() - done);
        MemorySegment.copy(src, done, piece, 0, piece.byteSize());
        writeNative(fd, frame, offset + done, piece);
        done += piece.byteSize();
      }
    }
  }

  static void checkOffset(long offset, long length) {
    if (offset < 0 || length < 0 || offset > Long.MAX_VALUE - length) {
      throw new IndexOutOfBoundsException("%d bytes at offset %d".formatted(length, offset));
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    checkOffset(0, size);
    must((fd, frame) -> LibC.ftruncate(frame, fd, size));
  }

  @Override
  public boolean punchHole(long offset, long length) throws IOException {
    return allocate(LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, offset, length);
  }

  @Override
  public boolean zeroRange(long offset, long length) throws IOException {
    return allocate(LibC.FALLOC_FL_ZERO_RANGE | LibC.FALLOC_FL_KEEP_SIZE, offset, length);
  }

  @Override
  public boolean preallocate(long offset, long length) throws IOException {
    return allocate(0, offset, length);
  }

  private boolean allocate(int mode, long offset, long length) throws IOException {
    checkOffset(offset, length);
    if (length == 0) {
      return true;
    }
    return with((fd, frame) -> {
      if (retried(fd, frame, (f, c) -> LibC.fallocate(c, f, mode, offset, length)) == 0) {
        return true;
      }
      // A block device refuses what does not fit its blocks with EINVAL.
      if (Errno.unsupported(frame.errno()) || frame.errno() == Errno.EINVAL) {
        return false;
      }
      throw failure(frame);
    });
  }

  @Override
  public long nextData(long offset) throws IOException {
    return seek(offset, LibC.SEEK_DATA);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return seek(offset, LibC.SEEK_HOLE);
  }

  private long seek(long offset, int whence) throws IOException {
    checkOffset(offset, 0);
    return with((fd, frame) -> {
      long found = LibC.lseek(frame, fd, offset, whence);
      if (found >= 0) {
        return found;
      }
      int errno = frame.errno();
      if (errno != Errno.ENXIO && errno != Errno.EINVAL && !Errno.unsupported(errno)) {
        throw failure(frame);
      }
      long size = size();
      // ENXIO: nothing of the kind follows. Else a device, which is all data.
      return errno == Errno.ENXIO || whence == LibC.SEEK_HOLE ? size : Math.min(offset, size);
    });
  }

  @Override
  public boolean cloneRange(OpenFile source, long sourceOffset, long offset, long length)
      throws IOException {
    checkOffset(sourceOffset, length);
    checkOffset(offset, length);
    if (!(source instanceof LinuxFile from)) {
      return false;
    }
    if (length == 0) {
      return true; // to FICLONERANGE, 0 is all that follows
    }
    return from.with((sourceFd, _) ->
        with((fd, frame) -> {
          MemorySegment range = frame.arguments();
          range.set(ValueLayout.JAVA_LONG, SRC_FD, sourceFd);
          range.set(ValueLayout.JAVA_LONG, SRC_OFFSET, sourceOffset);
          range.set(ValueLayout.JAVA_LONG, SRC_LENGTH, length);
          range.set(ValueLayout.JAVA_LONG, DEST_OFFSET, offset);
          if (retried(fd, frame, (f, c) -> LibC.ioctl(c, f, LibC.FICLONERANGE, range)) == 0) {
            return true;
          }
          int errno = frame.errno();
          if (Errno.unsupported(errno) || errno == Errno.EXDEV || errno == Errno.EINVAL) {
            return false;
          }
          throw Errno.exception(errno, path().toString(), from.path().toString());
        }));
  }

  @Override
  public long copyRange(OpenFile source, long sourceOffset, long offset, long length)
      throws IOException {
    checkOffset(sourceOffset, length);
    checkOffset(offset, length);
    if (!(source instanceof LinuxFile from)) {
      return 0;
    }
    return from.with((sourceFd, _) ->
        with((fd, frame) -> {
          MemorySegment in = frame.arguments().asSlice(0, 8);
          MemorySegment out = frame.arguments().asSlice(8, 8);
          in.set(ValueLayout.JAVA_LONG, 0, sourceOffset);
          out.set(ValueLayout.JAVA_LONG, 0, offset);
          long n =
              retried(fd, frame, (f, c) -> LibC.copyFileRange(c, sourceFd, in, f, out, length));
          int errno = n < 0 ? frame.errno() : 0;
          if (Errno.unsupported(errno) || errno == Errno.EXDEV || errno == Errno.EINVAL) {
            return 0L;
          }
          if (n < 0) {
            throw Errno.exception(errno, path().toString(), from.path().toString());
          }
          return n;
        }));
  }

  @Override
  public void sync() throws IOException {
    must((fd, frame) -> LibC.fdatasync(frame, fd));
  }

  @Override
  public void writeOut() throws IOException {
    with((fd, frame) -> LibC.syncFileRange(frame, fd, 0, 0, LibC.SYNC_FILE_RANGE_WRITE));
  }

  @Override
  public void advise(Advice advice, long offset, long length) throws IOException {
    checkOffset(offset, length);
    int number =
        switch (advice) {
          case SEQUENTIAL -> LibC.POSIX_FADV_SEQUENTIAL;
          case RANDOM -> LibC.POSIX_FADV_RANDOM;
          case WILL_NEED -> LibC.POSIX_FADV_WILLNEED;
          case DONT_NEED -> LibC.POSIX_FADV_DONTNEED;
        };
    with((fd, frame) -> LibC.posixFadvise(frame, fd, offset, length, number));
  }

  @Override
  public boolean lock(Lock lock, long offset, long length) throws IOException {
    checkOffset(offset, length);
    return with((fd, frame) -> {
      boolean got = FileLock.set(fd, frame, FileLock.type(lock), offset, length);
      if (!got && frame.errno() != Errno.EAGAIN && frame.errno() != Errno.EACCES) {
        throw failure(frame);
      }
      return got;
    });
  }

  @Override
  public void unlock(long offset, long length) throws IOException {
    checkOffset(offset, length);
    must((fd, frame) -> FileLock.set(fd, frame, LibC.F_UNLCK, offset, length) ? 0 : -1);
  }

  @Override
  public boolean lockedByOther(Lock lock, long offset, long length) throws IOException {
    checkOffset(offset, length);
    return with((fd, frame) -> {
      short found = FileLock.conflicting(fd, frame, FileLock.type(lock), offset, length);
      if (found < 0) {
        throw failure(frame);
      }
      return found != LibC.F_UNLCK;
    });
  }

  @Override
  public boolean canLock() throws IOException {
    return with(
        (fd, frame) -> FileLock.conflicting(fd, frame, LibC.F_WRLCK, Long.MAX_VALUE - 1, 1) >= 0);
  }

  @Override
  public Writers writers() throws IOException {
    return with(FileLock::writers);
  }

  @Override
  public boolean immutable() throws IOException {
    return with(FileFlags::immutable);
  }

  @Override
  public boolean makeImmutable() throws IOException {
    return with((fd, frame) -> changed(frame, FileFlags.setImmutable(fd, frame)));
  }

  @Override
  public boolean makeMutable() throws IOException {
    return with((fd, frame) -> changed(frame, FileFlags.clearImmutable(fd, frame)));
  }

  private boolean changed(CallFrame frame, boolean done) throws IOException {
    if (!done && !FileFlags.refused(frame.errno())) {
      throw failure(frame);
    }
    return done;
  }

  @Override
  public void close() throws IOException {
    descriptor.close();
  }
}
