package io.calco.engine.repository.hosted;

import io.calco.sys.OpenFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/// An object that is read, as one put left it. Confined.
public final class HostedObject implements AutoCloseable {
  private static final int PIECE = 256 << 10;

  private final Optional<OpenFile> file;

  private HostedObject(Optional<OpenFile> file) {
    this.file = file;
  }

  /// An object that lies in a file.
  static HostedObject owning(OpenFile file) {
    return new HostedObject(Optional.of(file));
  }

  /// One without a byte, and without a file.
  static HostedObject empty() {
    return new HostedObject(Optional.empty());
  }

  /// In bytes.
  public long size() throws IOException {
    return file.isEmpty() ? 0 : file.get().size();
  }

  /// Writes a part of it.
  ///
  /// @param offset its first byte; with the length at most [#size]
  public void writeTo(WritableByteChannel to, long offset, long length) throws IOException {
    if (file.isPresent()) {
      write(file.get(), to, offset, length);
    }
  }

  private static void write(OpenFile file, WritableByteChannel to, long offset, long length)
      throws IOException {
    // On the heap: a server may go on with it on another thread, also after the other side has
    // gone.
    byte[] piece = new byte[Math.clamp(length, 1, PIECE)];
    for (long done = 0; done < length; ) {
      int next = (int) Math.min(piece.length, length - done);
      if (file.read(offset + done, MemorySegment.ofArray(piece).asSlice(0, next)) < next) {
        throw new EOFException("%s: became shorter while it was read".formatted(file.path()));
      }
      ByteBuffer bytes = ByteBuffer.wrap(piece, 0, next);
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
      done += next;
    }
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }
}
