package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// Sends a file's bytes down a stream, in order; several threads read ahead, and code what they
/// read.
public final class FileStream {
  /// Leaves the bytes as they are.
  private static final StreamCoder PLAIN =
      new StreamCoder() {
        @Override
        public int pieceLength() {
          return 1 << 20;
        }

        @Override
        public MemorySegment code(MemorySegment piece) {
          return piece;
        }

        @Override
        public MemorySegment end() {
          return MemorySegment.NULL;
        }
      };

  private final HostFile source;
  private final StreamCoder coder;
  private final WritableByteChannel target;
  private final String step;
  private final JobContext job;
  private final long size;
  private long taken;

  private FileStream(
      HostFile source, StreamCoder coder, WritableByteChannel target, String step, JobContext job)
      throws IOException {
    this.source = source;
    this.coder = coder;
    this.target = target;
    this.step = step;
    this.job = job;
    this.size = source.size();
  }

  /// Writes the whole file to the stream.
  ///
  /// @throws IOException of a read or write; the stream then has a part of the bytes
  public static void copy(HostFile source, WritableByteChannel target, JobContext job)
      throws IOException {
    copy(source, target, "sending", job);
  }

  /// Likewise.
  ///
  /// @param step the words for the progress display
  public static void copy(HostFile source, WritableByteChannel target, String step, JobContext job)
      throws IOException {
    copy(source, PLAIN, target, step, job);
  }

  /// Writes the whole file, coded, to the stream.
  ///
  /// @throws IOException of a read or write; the stream then has a part of the bytes
  public static void copy(
      HostFile source, StreamCoder coder, WritableByteChannel target, JobContext job)
      throws IOException {
    copy(source, coder, target, "sending", job);
  }

  private static void copy(
      HostFile source, StreamCoder coder, WritableByteChannel target, String step, JobContext job)
      throws IOException {
    FileStream stream = new FileStream(source, coder, target, step, job);
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
    OrderedWork.run(threads, () -> stream.new Station());
    stream.send(coder.end());
  }

  private void send(MemorySegment coded) throws IOException {
    ByteBuffer bytes = coded.asByteBuffer();
    while (bytes.hasRemaining()) {
      target.write(bytes);
    }
  }

  private final class Station implements OrderedWork.Station {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(coder.pieceLength(), 4096);
    private MemorySegment coded = MemorySegment.NULL;
    private long offset;
    private int length;

    @Override
    public boolean take() {
      job.checkCancelled();
      offset = taken;
      length = Math.toIntExact(Math.min(coder.pieceLength(), size - taken));
      taken += length;
      return length > 0;
    }

    @Override
    public void prepare() throws IOException {
      MemorySegment piece = buffer.asSlice(0, length);
      source.read(offset, piece);
      coded = coder.code(piece);
    }

    @Override
    public void finish() throws IOException {
      send(coded);
      job.progress(step, offset + length, size);
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
