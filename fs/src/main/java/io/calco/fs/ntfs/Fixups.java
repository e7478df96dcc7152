package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;

/// The update sequence of a record: the last two bytes of each 512 stand in an array at its head,
/// and on the medium a number that grows with each writing stands in their place, so that a record
/// that was written only in part is seen.
final class Fixups {
  static final int STRIDE = 512;
  static final int FILE = 0x454C4946;
  static final int INDX = 0x58444E49;

  private Fixups() {}

  /// Puts the bytes back in their places.
  ///
  /// @param magic what the record must begin with
  /// @param where the record's place on the disk, for the message
  static void remove(byte[] record, int magic, long where) throws CorruptImageException {
    if (LittleEndian.s32(record, 0) != magic) {
      throw corrupt("magic", where, Integer.toHexString(LittleEndian.s32(record, 0)), "FILE, INDX");
    }
    int array = LittleEndian.u16(record, 4);
    int count = record.length / STRIDE;
    if (LittleEndian.u16(record, 6) != count + 1
        || (array & 1) != 0
        || array < 8
        || array + 2 * (count + 1) > STRIDE - 2) {
      throw corrupt("update sequence", where, array, "an array of " + (count + 1));
    }
    int number = LittleEndian.u16(record, array);
    for (int i = 0; i < count; i++) {
      int end = (i + 1) * STRIDE - 2;
      if (LittleEndian.u16(record, end) != number) {
        throw corrupt("update sequence", where + end, "another number", number);
      }
      LittleEndian.put16(record, end, LittleEndian.u16(record, array + 2 + 2 * i));
    }
  }

  /// The record as it goes to the medium, under the next number.
  static byte[] sealed(byte[] record) {
    byte[] sealed = record.clone();
    int array = LittleEndian.u16(sealed, 4);
    int number = LittleEndian.u16(sealed, array) + 1 & 0xFFFF;
    number = number == 0 || number == 0xFFFF ? 1 : number;
    LittleEndian.put16(sealed, array, number);
    LittleEndian.put16(record, array, number);
    for (int i = 0; i < record.length / STRIDE; i++) {
      int end = (i + 1) * STRIDE - 2;
      LittleEndian.put16(sealed, array + 2 + 2 * i, LittleEndian.u16(record, end));
      LittleEndian.put16(sealed, end, number);
    }
    return sealed;
  }

  private static CorruptImageException corrupt(
      String what, long where, Object found, Object wanted) {
    return CorruptImageException.at("NTFS", "record, " + what, where, found, wanted);
  }
}
