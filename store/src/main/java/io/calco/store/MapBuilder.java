package io.calco.store;

import io.calco.disk.LimitExceededException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// Builds the map of a disk or blob from front to end. Confined.
final class MapBuilder {
  private static final byte[] HOLE = new byte[ChunkId.BYTES];

  /// Stores a piece.
  interface PieceSink {
    ChunkId store(Kind kind, byte[] bytes, int length) throws IOException;
  }

  private final PieceSink sink;
  private final byte[] page = new byte[ImageRecord.PAGE_CHUNKS * ChunkId.BYTES];
  private final ByteArrayOutputStream pages = new ByteArrayOutputStream();
  private int inPage;
  private boolean pageHolds;

  MapBuilder(PieceSink sink) {
    this.sink = sink;
  }

  /// The next chunk.
  void add(ChunkId id) throws IOException {
    id.write(page, inPage * ChunkId.BYTES);
    pageHolds |= !id.equals(ChunkId.HOLE);
    inPage++;
    if (inPage == ImageRecord.PAGE_CHUNKS) {
      endPage();
    }
  }

  /// Chunks of zeroes.
  void addHoles(long count) throws IOException {
    long left = count;
    while (left > 0) {
      int part = (int) Math.min(left, ImageRecord.PAGE_CHUNKS - inPage);
      java.util.Arrays.fill(
          page, inPage * ChunkId.BYTES, (inPage + part) * ChunkId.BYTES, (byte) 0);
      inPage += part;
      left -= part;
      if (inPage == ImageRecord.PAGE_CHUNKS) {
        endPage();
      }
    }
  }

  private void endPage() throws IOException {
    if (pages.size() + 1024 > PackTable.PLAIN_MAX) {
      throw new LimitExceededException(
          "more than %d pages of %d chunks in one image"
              .formatted(pages.size() / ChunkId.BYTES, ImageRecord.PAGE_CHUNKS));
    }
    if (pageHolds) {
      byte[] id = new byte[ChunkId.BYTES];
      sink.store(Kind.PAGE, page, inPage * ChunkId.BYTES).write(id, 0);
      pages.writeBytes(id);
    } else {
      pages.writeBytes(HOLE);
    }
    inPage = 0;
    pageHolds = false;
  }

  /// Ends the map and stores its record.
  ChunkId finish(ImageRecord.Type type, int chunkLength, long size) throws IOException {
    if (inPage > 0) {
      endPage();
    }
    byte[] record =
        new ImageRecord(type, chunkLength, size, ImageRecord.PAGE_CHUNKS, pages.toByteArray())
            .encode();
    return sink.store(Kind.RECORD, record, record.length);
  }
}
