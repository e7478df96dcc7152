package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;

/// The checksums of a directory's blocks: in a false entry at the end of a block of entries, after
/// the last possible entry of a block of the index.
final class DirectorySums {
  private static final int INDEX_TAIL = 8;

  private final Volume volume;
  private final Inode directory;

  DirectorySums(Volume volume, Inode directory) {
    this.volume = volume;
    this.directory = directory;
  }

  /// Where entries end in a block: before the checksum.
  int entriesEnd() {
    int size = volume.geometry.blockSize();
    return volume.checksums.metadata() ? size - DirectoryBlock.TAIL : size;
  }

  /// Bytes at the end of a block of the index that hold no index entries.
  int indexTail() {
    return volume.checksums.metadata() ? INDEX_TAIL : 0;
  }

  /// @throws CorruptImageException when the block's checksum is wrong or missing
  void check(long block, byte[] bytes) throws CorruptImageException {
    if (!volume.checksums.metadata()) {
      return;
    }
    int at = checksumAt(bytes);
    int found = at < 0 ? 0 : LittleEndian.s32(bytes, at);
    int sum = at < 0 ? 0 : sum(bytes);
    if (at < 0 || found != sum) {
      throw CorruptImageException.at(
          "ext file system",
          "inode " + directory.number() + " directory block",
          volume.geometry.byteOffset(block),
          at < 0 ? "no checksum" : "checksum 0x" + Integer.toHexString(found),
          at < 0 ? "one" : "0x" + Integer.toHexString(sum));
    }
  }

  /// Makes the block's checksum right.
  void seal(byte[] bytes) {
    if (volume.checksums.metadata()) {
      int at = checksumAt(bytes);
      if (at >= 0) {
        LittleEndian.put32(bytes, at, sum(bytes));
      }
    }
  }

  private static int checksumAt(byte[] bytes) {
    if (DirectoryBlock.hasTail(bytes)) {
      return bytes.length - 4;
    }
    Integer index = DirectoryBlock.indexOffset(bytes);
    if (index == null) {
      return -1;
    }
    int at = index + 8 * LittleEndian.u16(bytes, index) + 4;
    boolean counted = LittleEndian.u16(bytes, index + 2) <= LittleEndian.u16(bytes, index);
    return counted && at + 4 <= bytes.length ? at : -1;
  }

  private int sum(byte[] bytes) {
    int seed = volume.checksums.inodeSeed(directory.number(), directory.generation());
    if (DirectoryBlock.hasTail(bytes)) {
      return Crc32c.update(seed, bytes, 0, bytes.length - DirectoryBlock.TAIL);
    }
    int tail = checksumAt(bytes) - 4;
    Integer index = DirectoryBlock.indexOffset(bytes);
    int used = index == null ? 0 : index + 8 * LittleEndian.u16(bytes, index + 2);
    int sum = Crc32c.update(seed, bytes, 0, used);
    sum = Crc32c.update(sum, bytes, tail, 4);
    return Crc32c.update(sum, new byte[4]);
  }
}
