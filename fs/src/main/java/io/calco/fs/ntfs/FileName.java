package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;

/// A $FILE_NAME: the attribute's value, and the key of a directory's entry.
///
/// @param parent reference to the directory
/// @param name the name
/// @param namespace [#POSIX], [#WIN32], [#DOS] or [#WIN32_AND_DOS]
/// @param flags of the file, and [#DIRECTORY_FLAG]
record FileName(long parent, String name, int namespace, int flags) {
  static final int POSIX = 0;
  static final int WIN32 = 1;
  static final int DOS = 2;
  static final int WIN32_AND_DOS = 3;
  static final int DIRECTORY_FLAG = 0x10000000;
  static final int TIMES = 0x08; // four: made, changed, record changed, read
  static final int ALLOCATED_SIZE = 0x28;
  static final int DATA_SIZE = 0x30;
  static final int FLAGS = 0x38;
  static final int TAG = 0x3C;
  static final int NAME_LENGTH = 0x40;
  static final int NAMESPACE = 0x41;
  static final int NAME = 0x42;

  /// Reads the one at `at`.
  ///
  /// @param length bytes that it has
  static FileName parse(byte[] bytes, int at, int length) throws CorruptImageException {
    if (length < NAME || length < NAME + 2 * LittleEndian.u8(bytes, at + NAME_LENGTH)) {
      throw CorruptImageException.at("NTFS", "file name", at, length, "room for its name");
    }
    int characters = LittleEndian.u8(bytes, at + NAME_LENGTH);
    return new FileName(
        LittleEndian.s64(bytes, at),
        Utf16.decode(bytes, at + NAME, characters),
        LittleEndian.u8(bytes, at + NAMESPACE),
        LittleEndian.s32(bytes, at + FLAGS));
  }

  boolean isDirectory() {
    return (flags & DIRECTORY_FLAG) != 0;
  }
}
