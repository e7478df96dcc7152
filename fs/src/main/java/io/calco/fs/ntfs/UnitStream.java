package io.calco.fs.ntfs;

/// An attribute that is read and written in units: the MFT by records, an index by blocks, a bitmap
/// by pages. Immutable; when the attribute grows there is a new one under the same id.
///
/// @param id whose attribute
/// @param runs where it lies
/// @param unitSize bytes in a unit, a power of two
/// @param magic what each unit begins with that has an update sequence; 0 when they have none
/// @param length bytes that it holds
record UnitStream(Id id, RunList runs, int unitSize, int magic, long length) {
  /// Bytes in a page of a bitmap.
  static final int PAGE = 4096;

  /// Names an attribute.
  ///
  /// @param file its file's number
  /// @param type its type
  /// @param name its name, "" for none
  record Id(long file, int type, String name) {}

  long units() {
    return (length + unitSize - 1) / unitSize;
  }

  boolean isBitmap() {
    return magic == 0;
  }
}
