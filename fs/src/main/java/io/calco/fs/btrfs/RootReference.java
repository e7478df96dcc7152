package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.GuestNames;
import java.util.Arrays;

/// Where a subvolume is mounted in its parent.
///
/// @param directory the number of the directory
/// @param name its name there
record RootReference(long directory, String name) {
  private static final int FIXED = 18;

  /// Reads the item that the cursor is at.
  static RootReference of(Cursor item) throws CorruptImageException {
    int length = LittleEndian.u16(item.bytes(), item.at(FIXED) + 16);
    int at = item.at(FIXED + length);
    byte[] name = Arrays.copyOfRange(item.bytes(), at + FIXED, at + FIXED + length);
    return new RootReference(LittleEndian.s64(item.bytes(), at), GuestNames.decode(name));
  }
}
