package io.calco.store;

import io.calco.disk.ThreadEnd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Bytes in the store. Every piece that is read was compared with its sum.
///
/// Thread rule: safe for several threads at once.
public final class StoredBlob {
  private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(64 << 10).asReadOnlyBuffer();

  private final StoredImage image;
  private final Workers workers;
  private final ReadBuffers buffers;

  StoredBlob(StoredImage image, Workers workers, ReadBuffers buffers) {
    this.image = image;
    this.workers = workers;
    this.buffers = buffers;
  }

  /// In bytes.
  public long size() {
    return image.record().size();
  }

  /// Reads exactly `dst.byteSize()` bytes.
  ///
  /// @param offset first byte; the range lies in the blob
  /// @throws IndexOutOfBoundsException when it does not
  public void read(long offset, MemorySegment dst) throws IOException {
    Objects.checkFromIndexSize(offset, dst.byteSize(), size());
    if (dst.byteSize() > 0) {
      image.read(offset, dst);
    }
  }

  /// The first byte at or after `offset` that may be none of zeroes, or [#size] when only zeroes
  /// follow: told from the map, on the grid.
  ///
  /// @param offset 0 to [#size]
  public long nextData(long offset) throws IOException {
    return next(offset, false);
  }

  /// The first byte at or after `offset` that begins or lies in a chunk of zeroes, or [#size].
  ///
  /// @param offset 0 to [#size]
  public long nextHole(long offset) throws IOException {
    return next(offset, true);
  }

  private long next(long offset, boolean hole) throws IOException {
    if (Objects.checkIndex(offset, size() + 1) == size()) {
      return size();
    }
    int chunkLength = image.record().chunkLength();
    long chunk = offset / chunkLength;
    if (image.map().chunk(chunk).equals(ChunkId.HOLE) == hole) {
      return offset;
    }
    long after = chunk + image.map().run(chunk, Math.ceilDiv(size(), (long) chunkLength) - chunk);
    return Math.min(after * chunkLength, size());
  }

  /// A chunk on its way out; without a buffer one of zeroes.
  private record Step(
      long chunk, int length, @Nullable ByteBuffer buffer, @Nullable Future<?> read) {}

  /// Writes a range to a channel, from memory outside the heap; several threads read and unpack
  /// what comes next meanwhile.
  ///
  /// @param out takes bytes until it has all
  /// @param offset first byte; the range lies in the blob
  /// @param length in bytes, 0 or more
  public void writeTo(WritableByteChannel out, long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    if (length == 0) {
      return;
    }
    int chunkLength = image.record().chunkLength();
    long end = offset + length;
    long last = (end - 1) / chunkLength;
    long next = offset / chunkLength;
    ArrayDeque<Step> ahead = new ArrayDeque<>();
    try {
      while (next <= last || !ahead.isEmpty()) {
        while (next <= last
            && ahead.size() <= Workers.THREADS
            && (ahead.isEmpty() || buffers.plenty())) {
          ahead.add(begin(next++));
        }
        Step step = ahead.getFirst();
        if (step.read != null) {
          ThreadEnd.result(step.read);
        }
        long start = step.chunk * chunkLength;
        int from = (int) Math.max(0, offset - start);
        send(out, step, from, (int) Math.min(step.length, end - start));
        release(ahead.removeFirst());
      }
    } finally {
      for (Step step : ahead) {
        if (step.read != null) {
          Workers.settle(step.read);
        }
        release(step);
      }
    }
  }

  private Step begin(long chunk) throws IOException {
    int length = image.record().lengthOf(chunk);
    ChunkId id = image.map().chunk(chunk);
    if (id.equals(ChunkId.HOLE)) {
      return new Step(chunk, length, null, null);
    }
    ByteBuffer buffer = buffers.take(length);
    try {
      return new Step(chunk, length, buffer, workers.submit(() -> image.readChunk(id, buffer)));
    } catch (RuntimeException | Error e) {
      buffers.giveBack(buffer, length);
      throw e;
    }
  }

  private void release(Step step) {
    if (step.buffer != null) {
      buffers.giveBack(step.buffer, step.length);
    }
  }

  private static void send(WritableByteChannel out, Step step, int from, int to)
      throws IOException {
    if (step.buffer != null) {
      sendAll(out, step.buffer.slice(from, to - from));
      return;
    }
    for (int left = to - from; left > 0; left -= ZEROES.capacity()) {
      sendAll(out, ZEROES.slice(0, Math.min(left, ZEROES.capacity())));
    }
  }

  private static void sendAll(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
