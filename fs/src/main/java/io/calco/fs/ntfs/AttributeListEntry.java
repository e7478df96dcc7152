package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.util.ArrayList;
import java.util.List;

/// Where an attribute of a file stands that has more than one record.
///
/// @param type the attribute's type
/// @param lowest the first cluster's number, for an extent
/// @param reference to the record
record AttributeListEntry(int type, long lowest, long reference) {
  static final int HEADER = 0x1A;

  static List<AttributeListEntry> parse(byte[] list) throws CorruptImageException {
    List<AttributeListEntry> entries = new ArrayList<>();
    int at = 0;
    while (at + HEADER <= list.length && LittleEndian.s32(list, at) != AttributeType.END) {
      int length = LittleEndian.u16(list, at + 4);
      if (length < HEADER || length > list.length - at) {
        throw CorruptImageException.at("NTFS", "attribute list", at, length, "an entry");
      }
      entries.add(
          new AttributeListEntry(
              LittleEndian.s32(list, at),
              LittleEndian.s64(list, at + 8),
              LittleEndian.s64(list, at + 0x10)));
      at += length;
    }
    return entries;
  }
}
