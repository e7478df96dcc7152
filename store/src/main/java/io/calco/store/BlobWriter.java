package io.calco.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Takes bytes as they come, and stores them.
///
/// Thread rule: confined.
public final class BlobWriter implements AutoCloseable {
  private final Upload upload;
  private final MapBuilder map;
  private final OrderedChunks chunks;
  private final int chunkLength;
  private byte @Nullable [] chunk;
  private int inChunk;
  private long size;
  private boolean finished;

  BlobWriter(Upload upload) {
    this.upload = upload;
    this.map = new MapBuilder(upload::store);
    this.chunks = new OrderedChunks(upload.owner().workers(), map);
    this.chunkLength = upload.owner().chunkLength();
  }

  /// Bytes taken so far.
  public long size() {
    return size;
  }

  /// Takes the next bytes; they may change afterwards. Waits when the store is busy.
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    write(MemorySegment.ofArray(bytes).asSlice(offset, length));
  }

  /// As [#write(byte[], int, int)].
  public void write(MemorySegment bytes) throws IOException {
    if (finished) {
      throw new IllegalStateException("blob is finished");
    }
    upload.checkOpen();
    long at = 0;
    while (at < bytes.byteSize()) {
      if (chunk == null) {
        chunk = new byte[chunkLength];
        inChunk = 0;
      }
      int part = (int) Math.min(bytes.byteSize() - at, chunkLength - inChunk);
      MemorySegment.copy(bytes, at, MemorySegment.ofArray(chunk), inChunk, part);
      inChunk += part;
      at += part;
      size += part;
      if (inChunk == chunkLength) {
        sendChunk();
      }
    }
  }

  /// Takes the next chunk without copying it. Waits when the store is busy.
  ///
  /// @param bytes hold it; they must not change until `stored` has run
  /// @param length [Store#chunkLength], or less for the last of the blob
  /// @param stored is run, by any thread, when the chunk is stored or could not be; not when this
  ///   throws
  public void writeChunk(byte[] bytes, int length, Runnable stored) throws IOException {
    Objects.checkFromIndexSize(0, length, Math.min(bytes.length, chunkLength));
    if (finished || size % chunkLength != 0) {
      throw new IllegalStateException("amid a chunk, or after the last");
    }
    upload.checkOpen();
    chunks.add(() -> {
      try {
        return upload.storeChunk(bytes, length);
      } finally {
        stored.run();
      }
    });
    size += length;
  }

  private void sendChunk() throws IOException {
    byte[] full = chunk;
    if (full != null) {
      int length = inChunk;
      chunk = null;
      chunks.add(() -> upload.storeChunk(full, length));
    }
  }

  /// Ends the blob.
  ///
  /// @return what [Store#openBlob] opens it by, once it is committed
  public ChunkId finish() throws IOException {
    if (finished) {
      throw new IllegalStateException("blob is finished");
    }
    finished = true;
    sendChunk();
    chunks.finish();
    return upload.added(map.finish(ImageRecord.Type.BLOB, chunkLength, size));
  }

  /// Forgets the blob, unless it is finished.
  @Override
  public void close() {
    finished = true;
    chunks.close();
  }
}
