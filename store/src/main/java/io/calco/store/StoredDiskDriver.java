package io.calco.store;

import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A stored disk: read only, its holes on the grid of its chunks.
final class StoredDiskDriver implements DiskDriver {
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
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(false, true, false, false, false);
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

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    throw readOnly();
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    throw readOnly();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void resize(long newSize) throws IOException {
    throw readOnly();
  }

  private static UnsupportedFeatureException readOnly() {
    return new UnsupportedFeatureException("stored disks are only read");
  }

  @Override
  public void flush() {}

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
