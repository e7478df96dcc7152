package io.calco.store;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// The map of a stored disk or blob, read a page at a time; a few pages are kept.
///
/// Thread rule: safe for several threads at once.
final class ChunkMap {
  private static final int PAGES_MAX = 32;

  private final PieceReader reader;
  private final ImageRecord record;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Integer, byte[]> pages = new LinkedHashMap<>(64, 0.75f, true);

  ChunkMap(PieceReader reader, ImageRecord record) {
    this.reader = reader;
    this.record = record;
  }

  ImageRecord record() {
    return record;
  }

  /// What lies at a place of the grid; [ChunkId#HOLE] for zeroes.
  ChunkId chunk(long number) throws IOException {
    int pageNumber = Math.toIntExact(number / record.pageChunks());
    if (record.page(pageNumber).equals(ChunkId.HOLE)) {
      return ChunkId.HOLE;
    }
    int at = (int) (number % record.pageChunks()) * ChunkId.BYTES;
    return ChunkId.read(page(pageNumber), at);
  }

  /// How many chunks from `number` on are all holes, or all not; at most `max`.
  long run(long number, long max) throws IOException {
    boolean hole = chunk(number).equals(ChunkId.HOLE);
    long at = number + 1;
    while (at < number + max) {
      int pageNumber = Math.toIntExact(at / record.pageChunks());
      if (hole && record.page(pageNumber).equals(ChunkId.HOLE)) {
        at = (pageNumber + 1L) * record.pageChunks();
      } else if (chunk(at).equals(ChunkId.HOLE) == hole) {
        at++;
      } else {
        break;
      }
    }
    return Math.min(at - number, max);
  }

  private byte[] page(int number) throws IOException {
    lock.lock();
    try {
      byte[] kept = pages.get(number);
      if (kept != null) {
        return kept;
      }
    } finally {
      lock.unlock();
    }
    byte[] page = readPage(reader, record, number);
    lock.lock();
    try {
      pages.put(number, page);
      if (pages.size() > PAGES_MAX) {
        pages.pollFirstEntry();
      }
    } finally {
      lock.unlock();
    }
    return page;
  }

  /// Reads a page that is not of holes.
  static byte[] readPage(PieceReader reader, ImageRecord record, int number) throws IOException {
    byte[] page = reader.read(Kind.PAGE, record.page(number));
    checkPage(record, number, page);
    return page;
  }

  /// Throws when a page has not the length that its record says.
  static void checkPage(ImageRecord record, int number, byte[] page) throws CorruptImageException {
    if (page.length != record.chunksIn(number) * ChunkId.BYTES) {
      throw new CorruptImageException(
          "page %s has %d bytes, expected %d identities"
              .formatted(record.page(number), page.length, record.chunksIn(number)));
    }
  }
}
