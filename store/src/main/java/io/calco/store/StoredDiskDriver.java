package io.calco.store;

import io.calco.disk.Extent;
import io.calco.disk.ReadOnlyDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A stored disk: read only, its holes on the grid of its chunks.
final class StoredDiskDriver extends ReadOnlyDriver {
  private final StoredImage image;
  private final ImageRecord record;

  StoredDiskDriver(StoredImage image) {
    this.image = image;
    this.record = image.record();
  }

  @Override
  public long size() {
    return record.size();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    image.read(offset, dst);
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    long chunk = offset / record.chunkLength();
    long most = Math.ceilDiv(offset + maxLength, (long) record.chunkLength()) - chunk;
    boolean hole = image.map().chunk(chunk).equals(ChunkId.HOLE);
    long end = (chunk + image.map().run(chunk, most)) * record.chunkLength();
    return new Extent(offset, Math.min(end - offset, maxLength), !hole, hole);
  }
}
