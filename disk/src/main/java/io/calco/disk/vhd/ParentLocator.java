package io.calco.disk.vhd;

import static io.calco.disk.vhd.VhdLayout.U32;
import static io.calco.disk.vhd.VhdLayout.U64;

import java.lang.foreign.MemorySegment;

/// A parent locator entry: where in the file a path of the parent stands, and for which platform.
///
/// @param platform the platform code, four characters in a number
/// @param space host space for the path; in sectors in old images, in bytes in others
/// @param length bytes of the path
/// @param offset where the path begins
record ParentLocator(int platform, int space, int length, long offset) {
  /// No locator.
  static final int NONE = 0;

  /// Windows, relative, UTF-16LE.
  static final int W2RU = 0x5732_7275;

  /// Windows, absolute, UTF-16LE.
  static final int W2KU = 0x5732_6b75;

  /// Windows, relative, in the machine's code page; deprecated.
  static final int WI2R = 0x5769_3272;

  /// Windows, absolute, in the machine's code page; deprecated.
  static final int WI2K = 0x5769_326b;

  /// A file URL in UTF-8.
  static final int MACX = 0x4d61_6358;

  static ParentLocator decode(MemorySegment entry) {
    return new ParentLocator(
        entry.get(U32, 0), entry.get(U32, 4), entry.get(U32, 8), entry.get(U64, 16));
  }

  void encode(MemorySegment entry) {
    entry.set(U32, 0, platform);
    entry.set(U32, 4, space);
    entry.set(U32, 8, length);
    entry.set(U32, 12, 0);
    entry.set(U64, 16, offset);
  }

  /// The first byte after the path's space, which is at least the path.
  long end() {
    return offset + Math.max(VhdLayout.sectors(Math.max(0, length)), Math.max(0, space));
  }
}
