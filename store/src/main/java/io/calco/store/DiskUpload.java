package io.calco.store;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Stores a disk: each cell of the grid that may hold data is read, hashed and packed by whichever
/// thread is free. Confined.
final class DiskUpload {
  private final Upload upload;
  private final Disk disk;
  private final JobContext job;
  private final int chunkLength;
  private final long size;
  private @Nullable ChunkMap before;
  private Predecessor.Likeness likeness = (_, _) -> false;

  DiskUpload(Upload upload, Disk disk, JobContext job) {
    this.upload = upload;
    this.disk = disk;
    this.job = job;
    this.chunkLength = upload.owner().chunkLength();
    this.size = disk.size();
  }

  DiskUpload after(Predecessor predecessor) throws IOException {
    ChunkMap map = upload.owner().map(predecessor.disk());
    if (map.record().chunkLength() == chunkLength && map.record().size() == size) {
      before = map;
      likeness = predecessor.likeness();
    }
    return this;
  }

  ChunkId run() throws IOException {
    MapBuilder map = new MapBuilder(upload::store);
    try (OrderedChunks chunks = new OrderedChunks(upload.owner().workers(), map)) {
      long at = 0;
      while (at < size) {
        job.checkCancelled();
        if (takeKnown(at, chunks)) {
          at += length(at);
          continue;
        }
        Extent extent = disk.extentAt(at, size - at);
        if (extent.readsZero()) {
          at = skip(at, extent.end(), chunks);
        }
        at = take(at, extent, chunks);
      }
      chunks.finish();
    }
    job.progress("storing", size, size);
    return map.finish(ImageRecord.Type.DISK, chunkLength, size);
  }

  private int length(long at) {
    return (int) Math.min(chunkLength, size - at);
  }

  /// Takes a cell as it was, if it is and was stored.
  private boolean takeKnown(long at, OrderedChunks chunks) throws IOException {
    if (before == null || !likeness.holds(at, length(at))) {
      return false;
    }
    ChunkId id = before.chunk(at / chunkLength);
    if (!upload.takeKnown(id, length(at))) {
      return false;
    }
    if (id.equals(ChunkId.HOLE)) {
      chunks.addHoles(1);
    } else {
      chunks.add(id);
    }
    job.progress("storing", at + length(at), size);
    return true;
  }

  /// Passes over the cells of the grid that a run of zeroes fills.
  private long skip(long at, long end, OrderedChunks chunks) {
    long cells =
        end == size ? Math.ceilDiv(end - at, (long) chunkLength) : (end - at) / chunkLength;
    chunks.addHoles(cells);
    return Math.min(size, at + cells * chunkLength);
  }

  /// Takes the cells that the extent reaches into, up to one that may be as it was.
  private long take(long from, Extent extent, OrderedChunks chunks) throws IOException {
    long at = from;
    do {
      if (at >= size) {
        return size;
      }
      job.checkCancelled();
      long cell = at;
      int length = length(at);
      boolean whole = !extent.readsZero() && at + length <= extent.end();
      chunks.add(() -> store(cell, length, whole));
      at += length;
      job.progress("storing", at, size);
    } while (!extent.readsZero()
        && at < extent.end()
        && (at >= size || !likeness.holds(at, length(at))));
    return at;
  }

  private ChunkId store(long cell, int length, boolean whole) throws IOException {
    byte[] bytes = new byte[length];
    if (whole) {
      disk.read(cell, MemorySegment.ofArray(bytes));
    } else {
      readRuns(cell, bytes);
    }
    return upload.storeChunk(bytes, length);
  }

  /// Reads what of a cell may hold data; the rest are zeroes already.
  private void readRuns(long cell, byte[] bytes) throws IOException {
    long at = 0;
    while (at < bytes.length) {
      Extent extent = disk.extentAt(cell + at, bytes.length - at);
      if (!extent.readsZero()) {
        disk.read(cell + at, MemorySegment.ofArray(bytes).asSlice(at, extent.length()));
      }
      at += extent.length();
    }
  }
}
