package io.calco.fs.xfs;

/// The hash by which directories and attributes find names.
final class NameHash {
  private NameHash() {}

  /// The hash of a name's bytes.
  static int of(byte[] name) {
    int hash = 0;
    int at = 0;
    for (; name.length - at >= 4; at += 4) {
      hash =
          u8(name, at) << 21
              ^ u8(name, at + 1) << 14
              ^ u8(name, at + 2) << 7
              ^ u8(name, at + 3)
              ^ Integer.rotateLeft(hash, 28);
    }
    return switch (name.length - at) {
      case 3 ->
          u8(name, at) << 14
              ^ u8(name, at + 1) << 7
              ^ u8(name, at + 2)
              ^ Integer.rotateLeft(hash, 21);
      case 2 -> u8(name, at) << 7 ^ u8(name, at + 1) ^ Integer.rotateLeft(hash, 14);
      case 1 -> u8(name, at) ^ Integer.rotateLeft(hash, 7);
      default -> hash;
    };
  }

  private static int u8(byte[] name, int at) {
    return name[at] & 0xFF;
  }
}
