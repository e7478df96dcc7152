package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;

/// What every metadata structure of version 5 says of itself: a CRC-32C of its bytes, the file
/// system's UUID, and the place it was written for.
enum Metadata {
  SUPERBLOCK("superblock", 224, -1, -1, -1),
  AGF("free space header", 216, -1, 64, -1),
  AGI("inode header", 312, -1, 296, -1),
  AGFL("free list", 32, -1, 8, -1),
  SHORT_BTREE("b-tree block", 52, 16, 32, 48),
  LONG_BTREE("b-tree block", 64, 24, 40, 56),
  INODE("inode", 100, -1, 160, 152),
  DIRECTORY("directory block", 4, 8, 24, 40),
  INDEX("directory or attribute block", 12, 16, 32, 48),
  REMOTE_VALUE("attribute value", 12, 40, 16, 32),
  LINK("symbolic link", 12, 40, 16, 32);

  /// Nothing to compare.
  static final long ANY = -1;

  private static final byte[] NO_SUM = new byte[4];

  private final String text;
  private final int sumAt;
  private final int placeAt;
  private final int uuidAt;
  private final int ownerAt;

  Metadata(String text, int sumAt, int placeAt, int uuidAt, int ownerAt) {
    this.text = text;
    this.sumAt = sumAt;
    this.placeAt = placeAt;
    this.uuidAt = uuidAt;
    this.ownerAt = ownerAt;
  }

  private int sum(byte[] bytes, int offset, int length) {
    int crc = Crc32c.update(-1, bytes, offset, sumAt);
    crc = Crc32c.update(crc, NO_SUM);
    return ~Crc32c.update(crc, bytes, offset + sumAt + 4, length - sumAt - 4);
  }

  /// Says that the structure is not what it must be.
  CorruptImageException corrupt(long diskOffset, Object found, Object expected) {
    return CorruptImageException.at("xfs file system", text, diskOffset, found, expected);
  }

  /// Checks a structure of a version 5 file system; of a version 4 one there is nothing to check.
  ///
  /// @param offset where in `bytes` it begins
  /// @param length its bytes
  /// @param diskOffset where it lies on the disk, in bytes
  /// @param owner the inode or group it must say it belongs to, or [#ANY]
  void verify(Geometry geometry, byte[] bytes, int offset, int length, long diskOffset, long owner)
      throws CorruptImageException {
    if (!geometry.features.v5()) {
      return;
    }
    int found = LittleEndian.s32(bytes, offset + sumAt);
    int expected = sum(bytes, offset, length);
    if (found != expected) {
      throw corrupt(diskOffset, "checksum 0x%08x".formatted(found), "0x%08x".formatted(expected));
    }
    if (uuidAt >= 0 && !geometry.isMetaUuid(bytes, offset + uuidAt)) {
      throw corrupt(diskOffset, "another UUID", "the file system's");
    }
    if (placeAt >= 0 && BigEndian.s64(bytes, offset + placeAt) != diskOffset >> 9) {
      throw corrupt(
          diskOffset,
          "a block for 0x%x".formatted(BigEndian.s64(bytes, offset + placeAt) << 9),
          "one for its own place");
    }
    checkOwner(bytes, offset, diskOffset, owner);
  }

  /// Checks whose the structure is.
  void checkOwner(byte[] bytes, int offset, long diskOffset, long owner)
      throws CorruptImageException {
    if (owner == ANY || ownerAt < 0) {
      return;
    }
    long says =
        this == SHORT_BTREE
            ? BigEndian.u32(bytes, offset + ownerAt)
            : BigEndian.s64(bytes, offset + ownerAt);
    if (says != owner) {
      throw corrupt(diskOffset, "one of owner " + says, "one of " + owner);
    }
  }

  /// Stores the UUID, the place and the owner in a new structure.
  void claim(Geometry geometry, byte[] bytes, long diskOffset, long owner) {
    byte[] uuid = geometry.metaUuid();
    int at = uuidAt;
    System.arraycopy(uuid, 0, bytes, at, uuid.length);
    if (placeAt >= 0) {
      BigEndian.put64(bytes, placeAt, diskOffset >> 9);
    }
    if (this == SHORT_BTREE) {
      BigEndian.put32(bytes, ownerAt, owner);
    } else if (ownerAt >= 0) {
      BigEndian.put64(bytes, ownerAt, owner);
    }
  }

  /// Stores the sum.
  void seal(byte[] bytes, int offset, int length) {
    LittleEndian.put32(bytes, offset + sumAt, sum(bytes, offset, length));
  }

  /// Keeps the place in the log at which a structure was last written; it lies before the UUID.
  void keepSequence(byte[] old, byte[] bytes) {
    int at = uuidAt - 8;
    System.arraycopy(old, at, bytes, at, 8);
  }
}
