package io.calco.fs.xfs;

import io.calco.disk.bytes.BigEndian;
import java.io.IOException;

/// The two headers of an allocation group as their bytes: of its free space (AGF) and of its inodes
/// (AGI).
final class GroupHeader {
  static final int AGF_MAGIC = 0x58414746;
  static final int AGI_MAGIC = 0x58414749;

  static final int AGF_BNO_ROOT = 16;
  static final int AGF_CNT_ROOT = 20;
  static final int AGF_BNO_LEVEL = 28;
  static final int AGF_CNT_LEVEL = 32;
  static final int AGF_LIST_FIRST = 40;
  static final int AGF_LIST_COUNT = 48;
  static final int AGF_FREE_BLOCKS = 52;
  static final int AGF_LONGEST = 56;
  static final int AGF_TREE_BLOCKS = 60;
  static final int AGF_SHARED_BLOCKS = 84;
  static final int AGF_SHARED_ROOT = 88;
  static final int AGF_SHARED_LEVEL = 92;

  static final int AGI_COUNT = 16;
  static final int AGI_ROOT = 20;
  static final int AGI_LEVEL = 24;
  static final int AGI_FREE_COUNT = 28;
  static final int AGI_UNLINKED = 40;
  static final int AGI_UNLINKED_COUNT = 64;
  static final int AGI_FREE_ROOT = 328;
  static final int AGI_FREE_LEVEL = 332;
  static final int AGI_TREE_BLOCKS = 336;
  static final int AGI_FREE_TREE_BLOCKS = 340;

  private GroupHeader() {}

  /// Reads and checks a group's AGF.
  static byte[] agf(Volume volume, int group) throws IOException {
    return read(volume, group, 1, Metadata.AGF, AGF_MAGIC);
  }

  /// Reads and checks a group's AGI.
  static byte[] agi(Volume volume, int group) throws IOException {
    return read(volume, group, 2, Metadata.AGI, AGI_MAGIC);
  }

  private static byte[] read(Volume volume, int group, int index, Metadata kind, int magic)
      throws IOException {
    byte[] header = volume.groupHeader(group, index);
    long offset = volume.groupHeaderOffset(group, index);
    if (!volume.isGroupHeaderChanged(group, index)) {
      kind.verify(volume.geometry, header, 0, header.length, offset, Metadata.ANY);
    }
    if (BigEndian.s32(header, 0) != magic
        || BigEndian.s32(header, 4) != 1
        || BigEndian.u32(header, 8) != group
        || BigEndian.u32(header, 12) != volume.geometry.groupLength(group)) {
      throw kind.corrupt(offset, "no header of group " + group, "one of the group's length");
    }
    return header;
  }
}
