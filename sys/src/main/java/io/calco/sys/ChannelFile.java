package io.calco.sys;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// A file through [FileChannel], for hosts where the C library cannot be called. It has no holes,
/// reflinks, locks or flags, and a thread that is interrupted while it uses the file closes it.
final class ChannelFile extends OpenFile {
  private static final int PIECE = 1 << 20;

  private final FileChannel channel;
  private final FileStatus opened;

  private ChannelFile(Path path, FileChannel channel, FileStatus opened) {
    super(path);
    this.channel = channel;
    this.opened = opened;
  }

  static ChannelFile open(Path path, Access access, Set<Option> options) throws IOException {
    Set<java.nio.file.OpenOption> how = new HashSet<>();
    how.add(StandardOpenOption.READ);
    if (access != Access.READ) {
      how.add(StandardOpenOption.WRITE);
    }
    if (access == Access.CREATE) {
      how.add(StandardOpenOption.CREATE_NEW);
    }
    if (options.contains(Option.NO_FOLLOW)) {
      how.add(LinkOption.NOFOLLOW_LINKS);
    }
    refuseIf(options.contains(Option.DIRECT), path, "direct I/O needs native access");
    if (access != Access.CREATE) {
      FileStatus.Kind kind = status(path).kind();
      // Opening a pipe would wait for a peer.
      refuseIf(kind == FileStatus.Kind.OTHER, path, "is no plain file or block device");
      refuseIf(
          kind == FileStatus.Kind.BLOCK_DEVICE && options.contains(Option.EXCLUSIVE),
          path,
          "having a block device alone needs native access");
    }
    FileChannel channel = FileChannel.open(path, how);
    try {
      return new ChannelFile(path, channel, status(path));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void refuseIf(boolean refused, Path path, String why) throws FileSystemException {
    if (refused) {
      throw new FileSystemException(path.toString(), null, why);
    }
  }

  private static FileStatus status(Path path) throws IOException {
    BasicFileAttributes basic;
    try {
      basic = Files.readAttributes(path, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw Errno.exception(Errno.ENOENT, path.toString(), null);
    }
    if (!path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return new FileStatus(kind(basic), basic.size(), 0, 0);
    }
    Map<String, Object> unix = Files.readAttributes(path, "unix:dev,ino,mode");
    boolean block = (number(unix, "mode") & Statx.S_IFMT) == Statx.S_IFBLK;
    return new FileStatus(
        block ? FileStatus.Kind.BLOCK_DEVICE : kind(basic),
        basic.size(),
        number(unix, "dev"),
        number(unix, "ino"));
  }

  private static long number(Map<String, Object> attributes, String name) {
    return ((Number) Objects.requireNonNull(attributes.get(name))).longValue();
  }

  private static FileStatus.Kind kind(BasicFileAttributes basic) {
    if (basic.isRegularFile()) {
      return FileStatus.Kind.REGULAR;
    }
    return basic.isDirectory() ? FileStatus.Kind.DIRECTORY : FileStatus.Kind.OTHER;
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public FileStatus status() throws IOException {
    return new FileStatus(opened.kind(), channel.size(), opened.device(), opened.inode());
  }

  @Override
  public FileSystemKind fileSystem() {
    return FileSystemKind.OTHER;
  }

  @Override
  public long read(long offset, MemorySegment dst) throws IOException {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("reading into read-only memory");
    }
    LinuxFile.checkOffset(offset, dst.byteSize());
    long done = 0;
    while (done < dst.byteSize()) {
      int n = channel.read(piece(dst, done), offset + done);
      if (n <= 0) {
        break;
      }
      done += n;
    }
    return done;
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    LinuxFile.checkOffset(offset, src.byteSize());
    long done = 0;
    while (done < src.byteSize()) {
      done += channel.write(piece(src, done), offset + done);
    }
  }

  private static ByteBuffer piece(MemorySegment all, long done) {
    return all.asSlice(done, Math.min(PIECE, all.byteSize() - done)).asByteBuffer();
  }

  @Override
  public void truncate(long size) throws IOException {
    LinuxFile.checkOffset(0, size);
    long now = channel.size();
    if (size < now) {
      channel.truncate(size);
    } else if (size > now) {
      channel.write(ByteBuffer.allocate(1), size - 1);
    }
  }

  @Override
  public boolean punchHole(long offset, long length) {
    return false;
  }

  @Override
  public boolean zeroRange(long offset, long length) {
    return false;
  }

  @Override
  public boolean preallocate(long offset, long length) {
    return false;
  }

  @Override
  public long nextData(long offset) throws IOException {
    return Math.min(offset, size());
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return size();
  }

  @Override
  public boolean cloneRange(OpenFile source, long sourceOffset, long offset, long length) {
    return false;
  }

  @Override
  public long copyRange(OpenFile source, long sourceOffset, long offset, long length) {
    return 0;
  }

  @Override
  public void sync() throws IOException {
    channel.force(false);
  }

  @Override
  public void writeOut() {}

  @Override
  public void advise(Advice advice, long offset, long length) {}

  @Override
  public boolean lock(Lock lock, long offset, long length) {
    throw new UnsupportedOperationException("locks need native access");
  }

  @Override
  public void unlock(long offset, long length) {
    throw new UnsupportedOperationException("locks need native access");
  }

  @Override
  public boolean lockedByOther(Lock lock, long offset, long length) {
    throw new UnsupportedOperationException("locks need native access");
  }

  @Override
  public boolean canLock() {
    return false;
  }

  @Override
  public Writers writers() {
    return Writers.UNKNOWN;
  }

  @Override
  public boolean immutable() {
    return false;
  }

  @Override
  public boolean makeImmutable() {
    return false;
  }

  @Override
  public boolean makeMutable() {
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
