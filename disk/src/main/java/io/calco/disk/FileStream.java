package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// Sends a file's bytes down a stream, in order; several threads read ahead.
public final class FileStream {
  private static final int PIECE = 1 << 20;

  private final HostFile source;
  private final WritableByteChannel target;
  private final JobContext job;
  private final long size;
  private long taken;

  private FileStream(HostFile source, WritableByteChannel target, JobContext job)
      throws IOException {
    this.source = source;
    this.target = target;
    this.job = job;
    this.size = source.size();
  }

  /// Writes the whole file to the stream.
  ///
  /// @throws IOException of a read or write; the stream then has a part of the bytes
  public static void copy(HostFile source, WritableByteChannel target, JobContext job)
      throws IOException {
    FileStream stream = new FileStream(source, target, job);
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
    OrderedWork.run(threads, () -> stream.new Station());
  }

  private final class Station implements OrderedWork.Station {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(PIECE, 4096);
    private long offset;
    private int length;

    @Override
    public boolean take() {
      job.checkCancelled();
      offset = taken;
      length = Math.toIntExact(Math.min(PIECE, size - taken));
      taken += length;
      return length > 0;
    }

    @Override
    public void prepare() throws IOException {
      source.read(offset, buffer.asSlice(0, length));
    }

    @Override
    public void finish() throws IOException {
      ByteBuffer bytes = buffer.asSlice(0, length).asByteBuffer();
      while (bytes.hasRemaining()) {
        target.write(bytes);
      }
      job.progress("sending", offset + length, size);
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
