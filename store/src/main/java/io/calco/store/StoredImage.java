package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Reads a stored disk or blob. Chunks that were read in part are kept for the next read, a few MiB
/// of them. Whole chunks are looked for in another disk first, if there is one.
///
/// Thread rule: safe for several threads at once.
final class StoredImage {
  private static final int CACHE = 8 << 20;

  private final PieceReader reader;
  private final ChunkMap map;
  private final ImageRecord record;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, byte[]> chunks = new LinkedHashMap<>(16, 0.75f, true);

  private final Disk seed;
  private final Store.RunSink found;

  StoredImage(PieceReader reader, ImageRecord record) {
    this(reader, record, Disk.blank(0), (_, _) -> {});
  }

  /// @param seed may hold some of the same bytes at the same offsets
  /// @param found is told of them
  StoredImage(PieceReader reader, ImageRecord record, Disk seed, Store.RunSink found) {
    this.seed = seed;
    this.found = found;
    this.reader = reader;
    this.record = record;
    this.map = new ChunkMap(reader, record);
  }

  ImageRecord record() {
    return record;
  }

  ChunkMap map() {
    return map;
  }

  void read(long offset, MemorySegment dst) throws IOException {
    long done = 0;
    while (done < dst.byteSize()) {
      long at = offset + done;
      long chunk = at / record.chunkLength();
      long within = at % record.chunkLength();
      long part = Math.min(dst.byteSize() - done, record.lengthOf(chunk) - within);
      MemorySegment to = dst.asSlice(done, part);
      ChunkId id = map.chunk(chunk);
      boolean whole = part == record.lengthOf(chunk);
      if (id.equals(ChunkId.HOLE)) {
        to.fill((byte) 0);
      } else if (whole && isInSeed(id, at, to)) {
        // It is there now.
      } else if (whole && to.isNative()) {
        readChunk(id, to.asByteBuffer());
      } else {
        byte[] bytes = whole ? readChunk(chunk, id) : keptChunk(chunk, id);
        MemorySegment.copy(MemorySegment.ofArray(bytes), within, to, 0, part);
      }
      done += part;
    }
  }

  /// Tries to take a chunk from the seed; what is in `to` is undefined when it is not there.
  private boolean isInSeed(ChunkId id, long offset, MemorySegment to) throws IOException {
    if (offset + to.byteSize() > seed.size()) {
      return false;
    }
    seed.read(offset, to);
    boolean is = reader.isPiece(Kind.DATA, id, to.asByteBuffer());
    if (is) {
      found.accept(offset, to.byteSize());
    }
    return is;
  }

  private byte[] keptChunk(long chunk, ChunkId id) throws IOException {
    lock.lock();
    try {
      byte[] kept = chunks.get(chunk);
      if (kept != null) {
        return kept;
      }
    } finally {
      lock.unlock();
    }
    byte[] bytes = readChunk(chunk, id);
    lock.lock();
    try {
      chunks.put(chunk, bytes);
      if (chunks.size() > Math.max(2, CACHE / record.chunkLength())) {
        chunks.pollFirstEntry();
      }
    } finally {
      lock.unlock();
    }
    return bytes;
  }

  /// Reads a whole chunk that is no hole.
  ///
  /// @param dst outside the heap, as long as the chunk
  /// @return it
  ByteBuffer readChunk(ChunkId id, ByteBuffer dst) throws IOException {
    reader.read(id, dst);
    return dst;
  }

  /// A whole chunk that is no hole.
  byte[] readChunk(long chunk, ChunkId id) throws IOException {
    byte[] bytes = reader.read(Kind.DATA, id);
    if (bytes.length != record.lengthOf(chunk)) {
      throw new CorruptImageException(
          "chunk %s has %d bytes, expected %d".formatted(id, bytes.length, record.lengthOf(chunk)));
    }
    return bytes;
  }
}
