package io.calco.fs.btrfs;

import io.calco.disk.bytes.LittleEndian;

/// Keys of items: an object's number, the item's type, and a third number whose meaning is the
/// type's; in trees they ascend, all unsigned.
final class Keys {
  /// Bytes in a key on disk.
  static final int SIZE = 17;

  /// Where in a key its third number stands.
  static final int OFFSET = 9;

  // Types.
  static final int INODE_ITEM = 1;
  static final int INODE_REF = 12;
  static final int XATTR_ITEM = 24;
  static final int DIR_ITEM = 84;
  static final int DIR_INDEX = 96;
  static final int EXTENT_DATA = 108;
  static final int ROOT_ITEM = 132;
  static final int ROOT_BACKREF = 144;
  static final int ROOT_REF = 156;
  static final int EXTENT_ITEM = 168;
  static final int METADATA_ITEM = 169;
  static final int BLOCK_GROUP_ITEM = 192;
  static final int FREE_SPACE_INFO = 198;
  static final int FREE_SPACE_EXTENT = 199;
  static final int FREE_SPACE_BITMAP = 200;
  static final int DEVICE_EXTENT = 204;
  static final int DEVICE_ITEM = 216;
  static final int CHUNK_ITEM = 228;

  // Objects.
  static final long DEVICE_ITEMS = 1;
  static final long EXTENT_TREE = 2;
  static final long DEVICE_TREE = 4;
  static final long TOP_LEVEL = 5;
  static final long ROOT_TREE_DIRECTORY = 6;
  static final long FREE_SPACE_TREE = 10;
  static final long BLOCK_GROUP_TREE = 11;
  static final long FIRST_FREE = 256;
  static final long LAST_FREE = -256;
  static final long CHUNKS = 256;
  static final long TREE_LOGS = -6;

  private Keys() {}

  static long objectid(byte[] bytes, int at) {
    return LittleEndian.s64(bytes, at);
  }

  static int type(byte[] bytes, int at) {
    return bytes[at + 8] & 0xFF;
  }

  static long offset(byte[] bytes, int at) {
    return LittleEndian.s64(bytes, at + OFFSET);
  }

  /// Compares the key at `at` with one.
  static int compare(byte[] bytes, int at, long objectid, int type, long offset) {
    int order = Long.compareUnsigned(objectid(bytes, at), objectid);
    if (order == 0) {
      order = Integer.compare(type(bytes, at), type);
    }
    return order == 0 ? Long.compareUnsigned(offset(bytes, at), offset) : order;
  }

  /// Compares two keys.
  static int compare(byte[] a, int at, byte[] b, int bAt) {
    return compare(a, at, objectid(b, bAt), type(b, bAt), offset(b, bAt));
  }

  /// For messages: as `btrfs inspect-internal dump-tree` prints keys.
  static String text(byte[] bytes, int at) {
    return "(%s %d %s)"
        .formatted(
            Long.toUnsignedString(objectid(bytes, at)),
            type(bytes, at),
            Long.toUnsignedString(offset(bytes, at)));
  }

  /// True when the number may be a subvolume's.
  static boolean isSubvolume(long objectid) {
    return objectid == TOP_LEVEL
        || Long.compareUnsigned(objectid, FIRST_FREE) >= 0
            && Long.compareUnsigned(objectid, LAST_FREE) <= 0;
  }
}
