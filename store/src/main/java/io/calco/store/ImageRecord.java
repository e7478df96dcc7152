package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;

/// What a disk or a blob consists of: its length, its grid, and the pages of its map.
///
/// | bytes | |
/// |---|---|
/// | 0 | version, 1 |
/// | 1 | 1 a disk, 2 a blob |
/// | 2–3 | 0 |
/// | 4–7 | bytes in a chunk, a power of two |
/// | 8–15 | length in bytes |
/// | 16–19 | chunks in a page |
/// | 20–23 | pages |
/// | 24– | the pages' identities, 32 bytes each; zeroes for a page of holes |
///
/// A page is the identities of its chunks, 32 bytes each; zeroes for a chunk of zeroes. The last
/// page has as many as are left.
///
/// Immutable.
final class ImageRecord {
  /// Chunks in a page that is written.
  static final int PAGE_CHUNKS = 1024;

  static final int CHUNK_MIN = 4 << 10;
  static final int CHUNK_MAX = 4 << 20;
  private static final int PAGE_CHUNKS_MAX = 1 << 16;
  private static final int HEAD = 24;
  private static final int VERSION = 1;

  /// What it is a record of.
  enum Type {
    DISK,
    BLOB
  }

  private final Type type;
  private final int chunkLength;
  private final long size;
  private final int pageChunks;
  private final byte[] pages;

  /// @param pages the pages' identities; not changed afterwards
  ImageRecord(Type type, int chunkLength, long size, int pageChunks, byte[] pages) {
    this.type = type;
    this.chunkLength = chunkLength;
    this.size = size;
    this.pageChunks = pageChunks;
    this.pages = pages;
  }

  static ImageRecord decode(String file, ChunkId id, byte[] bytes)
      throws CorruptImageException, UnsupportedFeatureException {
    String name = file + ": record " + id;
    if (bytes.length < HEAD) {
      throw new CorruptImageException(name + " has " + bytes.length + " bytes");
    }
    if (bytes[0] != VERSION) {
      throw new UnsupportedFeatureException(name + " is of version " + bytes[0]);
    }
    int type = bytes[1];
    long chunk = LittleEndian.u32(bytes, 4);
    long size = LittleEndian.s64(bytes, 8);
    long pageChunks = LittleEndian.u32(bytes, 16);
    long pages = LittleEndian.u32(bytes, 20);
    boolean sound =
        (type == 1 || type == 2)
            && LittleEndian.u16(bytes, 2) == 0
            && chunk >= CHUNK_MIN
            && chunk <= CHUNK_MAX
            && Long.bitCount(chunk) == 1
            && size >= 0
            && pageChunks >= 1
            && pageChunks <= PAGE_CHUNKS_MAX
            && pages == Math.ceilDiv(Math.ceilDiv(size, chunk), pageChunks)
            && bytes.length == HEAD + pages * ChunkId.BYTES;
    if (!sound) {
      throw new CorruptImageException(name + " contradicts itself");
    }
    byte[] ids = java.util.Arrays.copyOfRange(bytes, HEAD, bytes.length);
    return new ImageRecord(
        type == 1 ? Type.DISK : Type.BLOB, (int) chunk, size, (int) pageChunks, ids);
  }

  byte[] encode() {
    byte[] bytes = new byte[HEAD + pages.length];
    bytes[0] = VERSION;
    bytes[1] = (byte) (type == Type.DISK ? 1 : 2);
    LittleEndian.put32(bytes, 4, chunkLength);
    LittleEndian.put64(bytes, 8, size);
    LittleEndian.put32(bytes, 16, pageChunks);
    LittleEndian.put32(bytes, 20, pages.length / ChunkId.BYTES);
    System.arraycopy(pages, 0, bytes, HEAD, pages.length);
    return bytes;
  }

  Type type() {
    return type;
  }

  int chunkLength() {
    return chunkLength;
  }

  /// In bytes.
  long size() {
    return size;
  }

  int pageChunks() {
    return pageChunks;
  }

  long chunks() {
    return Math.ceilDiv(size, (long) chunkLength);
  }

  int pages() {
    return pages.length / ChunkId.BYTES;
  }

  ChunkId page(int number) {
    return ChunkId.read(pages, number * ChunkId.BYTES);
  }

  /// Chunks in a page; the last may have fewer.
  int chunksIn(int page) {
    return (int) Math.min(pageChunks, chunks() - (long) page * pageChunks);
  }

  /// Bytes in a chunk; the last may have fewer.
  int lengthOf(long chunk) {
    return (int) Math.min(chunkLength, size - chunk * chunkLength);
  }
}
