package io.calco.guest.nio;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/// A guest's regular file, read.
final class GuestFileChannel implements SeekableByteChannel {
  private final GuestFileSystem files;
  private final String canonical;
  private final long size;
  private long position;
  private boolean open = true;

  GuestFileChannel(GuestFileSystem files, String canonical, long size) {
    this.files = files;
    this.canonical = canonical;
    this.size = size;
  }

  private void requireOpen() throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public synchronized int read(ByteBuffer dst) throws IOException {
    requireOpen();
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("the buffer can only be read");
    }
    if (!dst.hasRemaining()) {
      return 0;
    }
    int read = position >= size ? 0 : files.read(canonical, position, MemorySegment.ofBuffer(dst));
    if (read <= 0) {
      return -1;
    }
    dst.position(dst.position() + read);
    position += read;
    return read;
  }

  @Override
  public synchronized long position() throws IOException {
    requireOpen();
    return position;
  }

  @Override
  public synchronized SeekableByteChannel position(long newPosition) throws IOException {
    requireOpen();
    if (newPosition < 0) {
      throw new IllegalArgumentException("position " + newPosition);
    }
    position = newPosition;
    return this;
  }

  @Override
  public synchronized long size() throws IOException {
    requireOpen();
    return size;
  }

  @Override
  public int write(ByteBuffer src) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long newSize) {
    throw new NonWritableChannelException();
  }

  @Override
  public synchronized boolean isOpen() {
    return open;
  }

  @Override
  public synchronized void close() {
    open = false;
  }
}
