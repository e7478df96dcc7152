package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;

/// How an index orders its keys.
@FunctionalInterface
interface Collation {
  int compare(byte[] a, int aAt, int aLength, byte[] b, int bAt, int bLength);

  /// By little-endian numbers of four bytes, unsigned.
  static int numbers(byte[] a, int aAt, int aLength, byte[] b, int bAt, int bLength) {
    int common = Math.min(aLength, bLength) & ~3;
    for (int i = 0; i < common; i += 4) {
      int order =
          Integer.compareUnsigned(LittleEndian.s32(a, aAt + i), LittleEndian.s32(b, bAt + i));
      if (order != 0) {
        return order;
      }
    }
    return aLength - bLength;
  }

  /// A directory's names whatever their case.
  static Collation foldedNames(UpCase upCase) {
    return (a, aAt, aLength, b, bAt, bLength) -> upCase.compareFolded(a, aAt, b, bAt);
  }

  /// A directory's names.
  static Collation names(UpCase upCase) {
    return (a, aAt, aLength, b, bAt, bLength) -> upCase.compare(a, aAt, b, bAt);
  }
}
