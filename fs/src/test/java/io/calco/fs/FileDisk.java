package io.calco.fs;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A plain file as a disk, with nothing between that could be wrong.
public final class FileDisk implements DiskDriver {
  private final FileChannel channel;
  private final boolean writable;
  private final long size;

  private FileDisk(Path path, boolean writable) throws IOException {
    this.channel =
        writable
            ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
            : FileChannel.open(path, StandardOpenOption.READ);
    this.writable = writable;
    this.size = channel.size();
  }

  public static Disk writable(Path path) throws IOException {
    return Disk.owning(new FileDisk(path, true));
  }

  public static Disk readOnly(Path path) throws IOException {
    return Disk.owning(new FileDisk(path, false));
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(writable, false, writable, false, false);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    ByteBuffer buffer = dst.asByteBuffer();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new EOFException();
      }
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    ByteBuffer buffer = src.asByteBuffer();
    while (buffer.hasRemaining()) {
      channel.write(buffer, offset + buffer.position());
    }
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    byte[] zeroes = new byte[(int) Math.min(length, 1 << 20)];
    for (long done = 0; done < length; done += zeroes.length) {
      long part = Math.min(zeroes.length, length - done);
      write(offset + done, MemorySegment.ofArray(zeroes).asSlice(0, part));
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) {
    return new Extent(offset, maxLength, true, false);
  }

  @Override
  public void resize(long newSize) {
    throw new IllegalStateException();
  }

  @Override
  public void flush() {}

  @Override
  public void sync() {}

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
