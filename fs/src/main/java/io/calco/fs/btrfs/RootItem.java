package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;

/// What the root tree says of a tree.
///
/// @param tree where it begins
/// @param directory the number of its root directory, if it holds files
/// @param readOnly it is a subvolume that may not be changed
/// @param alive someone refers to it: it is not being deleted
record RootItem(TreeRoot tree, long directory, boolean readOnly, boolean alive) {
  private static final int LEAST = 239; // up to its level: older kernels wrote no more
  private static final long READ_ONLY = 1;
  private static final long DEAD = 1L << 48;

  /// Reads the item that the cursor is at.
  static RootItem of(Cursor item) throws CorruptImageException {
    int at = item.at(LEAST);
    byte[] bytes = item.bytes();
    int level = bytes[at + 238];
    if (level < 0 || level > Superblock.MAX_LEVEL) {
      throw item.corrupt("level " + level, "<= 7");
    }
    long flags = LittleEndian.s64(bytes, at + 208);
    return new RootItem(
        new TreeRoot(LittleEndian.s64(bytes, at + 176), level, LittleEndian.s64(bytes, at + 160)),
        LittleEndian.s64(bytes, at + 168),
        (flags & READ_ONLY) != 0,
        (flags & DEAD) == 0 && LittleEndian.s32(bytes, at + 216) != 0);
  }
}
