package io.calco.store;

import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;

/// Compares two disks or blobs by their maps: no content is read. Confined.
final class MapDifference {
  private final PieceReader reader;
  private final ImageRecord one;
  private final ImageRecord other;
  private final Store.RunSink sink;
  private long start;
  private long end;

  MapDifference(PieceReader reader, ImageRecord one, ImageRecord other, Store.RunSink sink) {
    this.reader = reader;
    this.one = one;
    this.other = other;
    this.sink = sink;
  }

  /// @throws UnsupportedFeatureException when they are cut on different grids
  void run() throws IOException {
    if (one.chunkLength() != other.chunkLength() || one.pageChunks() != other.pageChunks()) {
      throw new UnsupportedFeatureException(
          "stored in chunks of %d and %d bytes, which cannot be compared"
              .formatted(one.chunkLength(), other.chunkLength()));
    }
    int common = Math.min(one.pages(), other.pages());
    for (int page = 0; page < common; page++) {
      // A page cut short at one's end has other content than the whole one.
      if (!one.page(page).equals(other.page(page))) {
        comparePages(page);
      }
    }
    long shorter = Math.min(one.size(), other.size());
    long longer = Math.max(one.size(), other.size());
    differs(shorter, longer);
    if (end > start) {
      sink.accept(start, end - start);
    }
  }

  private void comparePages(int page) throws IOException {
    byte[] a = read(one, page);
    byte[] b = read(other, page);
    int count = Math.min(one.chunksIn(page), other.chunksIn(page));
    for (int i = 0; i < count; i++) {
      int at = i * ChunkId.BYTES;
      if (!java.util.Arrays.equals(a, at, at + ChunkId.BYTES, b, at, at + ChunkId.BYTES)) {
        long chunk = (long) page * one.pageChunks() + i;
        long from = chunk * one.chunkLength();
        differs(from, from + Math.max(one.lengthOf(chunk), other.lengthOf(chunk)));
      }
    }
  }

  private byte[] read(ImageRecord record, int page) throws IOException {
    return record.page(page).equals(ChunkId.HOLE)
        ? new byte[record.chunksIn(page) * ChunkId.BYTES]
        : ChunkMap.readPage(reader, record, page);
  }

  private void differs(long from, long to) throws IOException {
    if (to <= from) {
      return;
    }
    if (end > start && from > end) {
      sink.accept(start, end - start);
      start = from;
    } else if (end == start) {
      start = from;
    }
    end = Math.max(end, to);
  }
}
