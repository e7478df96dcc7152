package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;

/// A security descriptor that lets everybody do everything (MS-DTYP section 2.4.6): what a new file
/// gets where its directory has none that $Secure keeps.
final class EveryoneDescriptor {
  private static final int SELF_RELATIVE_WITH_LIST = 0x8004;
  private static final int ALL_ACCESS = 0x001F01FF;

  private EveryoneDescriptor() {}

  static byte[] bytes() {
    byte[] descriptor = new byte[0x14 + 8 + 8 + 12 + 16 + 16];
    int list = 0x14;
    int owner = list + 8 + 8 + 12;
    int group = owner + 16;
    LittleEndian.put8(descriptor, 0, 1);
    LittleEndian.put16(descriptor, 2, SELF_RELATIVE_WITH_LIST);
    LittleEndian.put32(descriptor, 4, owner);
    LittleEndian.put32(descriptor, 8, group);
    LittleEndian.put32(descriptor, 0x10, list);
    LittleEndian.put8(descriptor, list, 2);
    LittleEndian.put16(descriptor, list + 2, owner - list);
    LittleEndian.put16(descriptor, list + 4, 1);
    int entry = list + 8;
    LittleEndian.put8(descriptor, entry + 1, 3); // inherited by files and directories
    LittleEndian.put16(descriptor, entry + 2, owner - entry);
    LittleEndian.put32(descriptor, entry + 4, ALL_ACCESS);
    sid(descriptor, entry + 8, 1, 0); // S-1-1-0
    sid(descriptor, owner, 5, 32, 544); // S-1-5-32-544
    sid(descriptor, group, 5, 32, 544);
    return descriptor;
  }

  private static void sid(byte[] bytes, int at, int authority, int... parts) {
    LittleEndian.put8(bytes, at, 1);
    LittleEndian.put8(bytes, at + 1, parts.length);
    LittleEndian.put8(bytes, at + 7, authority);
    for (int i = 0; i < parts.length; i++) {
      LittleEndian.put32(bytes, at + 8 + 4 * i, parts[i]);
    }
  }
}
