package io.calco.fs.ext;

import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;

/// The checksums that a file system's features ask for, with its seed.
final class Checksums {
  private final Features features;
  private final byte[] uuid;
  private final int seed;

  /// @param sb the superblock's 1,024 bytes
  Checksums(Features features, byte[] sb) {
    this.features = features;
    this.uuid = java.util.Arrays.copyOfRange(sb, 0x68, 0x78);
    this.seed =
        features.hasIncompat(Features.INCOMPAT_CSUM_SEED)
            ? LittleEndian.s32(sb, 0x270)
            : Crc32c.update(-1, uuid);
  }

  /// True when inodes, bitmaps, directories and extents carry checksums.
  boolean metadata() {
    return features.metadataChecksums();
  }

  /// The sum of a bitmap's bytes.
  int bitmap(byte[] bits, int length) {
    return Crc32c.update(seed, bits, 0, length);
  }

  /// The sum of a group's descriptor, 16 bits; the field at 0x1E does not count.
  int descriptor(long group, byte[] block, int at, int size) {
    if (features.metadataChecksums()) {
      int sum = Crc32c.updateLe32(seed, (int) group);
      sum = Crc32c.update(sum, block, at, 0x1E);
      sum = Crc32c.update(sum, new byte[2]);
      return Crc32c.update(sum, block, at + 0x20, size - 0x20) & 0xFFFF;
    }
    byte[] number = new byte[4];
    LittleEndian.put32(number, 0, group);
    int sum = Crc16.update(0xFFFF, uuid, 0, 16);
    sum = Crc16.update(sum, number, 0, 4);
    sum = Crc16.update(sum, block, at, 0x1E);
    return Crc16.update(sum, block, at + 0x20, size - 0x20);
  }

  /// The start value for everything that belongs to an inode.
  int inodeSeed(long inode, int generation) {
    return Crc32c.updateLe32(Crc32c.updateLe32(seed, (int) inode), generation);
  }

  /// The sum of a block that counts with its own number: extended attributes.
  int numbered(long block, byte[] content) {
    int sum = Crc32c.updateLe32(Crc32c.updateLe32(seed, (int) block), (int) (block >>> 32));
    return Crc32c.update(sum, content);
  }
}
