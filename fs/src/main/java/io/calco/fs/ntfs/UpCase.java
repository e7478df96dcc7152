package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;

/// The volume's table of upper case letters, and how names are ordered by it.
final class UpCase {
  private final char[] table = new char[1 << 16];

  /// @param bytes of the file $UpCase; what is missing stands for itself
  UpCase(byte[] bytes) {
    for (int i = 0; i < table.length; i++) {
      table[i] = 2 * i + 1 < bytes.length ? (char) LittleEndian.u16(bytes, 2 * i) : (char) i;
    }
  }

  /// The order of two $FILE_NAMEs by their names whatever their case; 0 for the same.
  int compareFolded(byte[] a, int aAt, byte[] b, int bAt) {
    int aLength = LittleEndian.u8(a, aAt + FileName.NAME_LENGTH);
    int bLength = LittleEndian.u8(b, bAt + FileName.NAME_LENGTH);
    int common = Math.min(aLength, bLength);
    for (int i = 0; i < common; i++) {
      int order =
          table[LittleEndian.u16(a, aAt + FileName.NAME + 2 * i)]
              - table[LittleEndian.u16(b, bAt + FileName.NAME + 2 * i)];
      if (order != 0) {
        return order;
      }
    }
    return aLength - bLength;
  }

  /// The order of names in a directory: first whatever their case, then by it.
  int compare(byte[] a, int aAt, byte[] b, int bAt) {
    int folded = compareFolded(a, aAt, b, bAt);
    int length = folded != 0 ? 0 : LittleEndian.u8(a, aAt + FileName.NAME_LENGTH);
    for (int i = 0; i < length; i++) {
      int order =
          LittleEndian.u16(a, aAt + FileName.NAME + 2 * i)
              - LittleEndian.u16(b, bAt + FileName.NAME + 2 * i);
      if (order != 0) {
        return order;
      }
    }
    return folded;
  }
}
