package io.calco.engine.images;

import io.calco.disk.HostFile;
import io.calco.disk.LocalFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Content in memory, which a test can look into; read through a file in a directory.
final class MemoryContents implements ImageContents {
  final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Path directory;

  MemoryContents(Path directory) {
    this.directory = directory;
  }

  @Override
  public Incoming receive() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    return new Incoming() {
      @Override
      public int pieceLength() {
        return 4096;
      }

      @Override
      public void write(byte[] piece, int length, Runnable done) {
        bytes.write(piece, 0, length);
        done.run();
      }

      @Override
      public String finish() {
        String name = UUID.randomUUID().toString();
        blobs.put(name, bytes.toByteArray());
        return name;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public HostFile open(String blob) throws IOException {
    byte[] bytes = blobs.get(blob);
    if (bytes == null) {
      throw new java.nio.file.NoSuchFileException(blob);
    }
    Path file = directory.resolve(blob);
    Files.write(file, bytes);
    return LocalFile.open(file, false);
  }

  @Override
  public void writeTo(String blob, WritableByteChannel out, long offset, long length)
      throws IOException {
    byte[] bytes = Objects.requireNonNull(blobs.get(blob));
    out.write(ByteBuffer.wrap(bytes, Math.toIntExact(offset), Math.toIntExact(length)));
  }

  @Override
  public void close() {}

  @Override
  public void sweep(Known known) throws IOException {
    blobs.keySet().retainAll(known.read());
  }

  @Override
  public void release(String blob) {
    blobs.remove(blob);
  }
}
