package io.calco.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A plain file or block device of this host.
public final class LocalFile implements HostFile {
  private static final int PIECE = 1 << 20;

  private final String name;
  private final FileChannel channel;
  private final boolean writable;

  private LocalFile(String name, FileChannel channel, boolean writable) {
    this.name = name;
    this.channel = channel;
    this.writable = writable;
  }

  /// Opens an existing file.
  public static LocalFile open(Path path, boolean writable) throws IOException {
    FileChannel channel =
        writable
            ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
            : FileChannel.open(path, StandardOpenOption.READ);
    return new LocalFile(path.toString(), channel, writable);
  }

  /// Creates a file that must not exist yet, and opens it for writing.
  public static LocalFile create(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    return new LocalFile(path.toString(), channel, true);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public boolean writable() {
    return writable;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long done = 0;
    while (done < dst.byteSize()) {
      ByteBuffer piece = dst.asSlice(done, Math.min(PIECE, dst.byteSize() - done)).asByteBuffer();
      int n = channel.read(piece, offset + done);
      if (n <= 0) {
        throw new EOFException("%s: ends before 0x%x".formatted(name, offset + dst.byteSize()));
      }
      done += n;
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    long done = 0;
    while (done < src.byteSize()) {
      ByteBuffer piece = src.asSlice(done, Math.min(PIECE, src.byteSize() - done)).asByteBuffer();
      done += channel.write(piece, offset + done);
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    long now = channel.size();
    if (size < now) {
      channel.truncate(size);
    } else if (size > now) {
      channel.write(ByteBuffer.allocate(1), size - 1);
    }
  }

  @Override
  public void punchHole(long offset, long length) throws IOException {
    MemorySegment zeroes = MemorySegment.ofArray(new byte[(int) Math.min(PIECE, length)]);
    for (long done = 0; done < length; ) {
      long n = Math.min(zeroes.byteSize(), length - done);
      write(offset + done, zeroes.asSlice(0, n));
      done += n;
    }
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
  public long allocatedSize() throws IOException {
    return size();
  }

  @Override
  public void copyFrom(HostFile source, long sourceOffset, long offset, long length)
      throws IOException {
    MemorySegment buffer = MemorySegment.ofArray(new byte[(int) Math.min(PIECE, length)]);
    for (long done = 0; done < length; ) {
      MemorySegment piece = buffer.asSlice(0, Math.min(buffer.byteSize(), length - done));
      source.read(sourceOffset + done, piece);
      write(offset + done, piece);
      done += piece.byteSize();
    }
  }

  @Override
  public void sync() throws IOException {
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
