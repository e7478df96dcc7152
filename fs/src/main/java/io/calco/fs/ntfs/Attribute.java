package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.util.Arrays;

/// One attribute, or one extent of one, where it stands in a file record. The record's bytes must
/// not change while it is used.
final class Attribute {
  static final int COMPRESSED = 0x0001;
  static final int ENCRYPTED = 0x4000;
  static final int SPARSE = 0x8000;
  private static final int RESIDENT_HEADER = 0x18;
  private static final int NON_RESIDENT_HEADER = 0x40;

  private final MftRecord record;
  private final int at;
  private final int length;

  private Attribute(MftRecord record, int at, int length) {
    this.record = record;
    this.at = at;
    this.length = length;
  }

  /// The attribute at `at`.
  ///
  /// @param end where the record's used part ends
  static Attribute parse(MftRecord record, int at, int end) throws CorruptImageException {
    byte[] bytes = record.bytes();
    if (at + RESIDENT_HEADER > end) {
      throw corrupt(record, at, "no room", "an attribute");
    }
    long length = LittleEndian.u32(bytes, at + 4);
    if (length < RESIDENT_HEADER || length > end - at || (length & 7) != 0) {
      throw corrupt(record, at, length, "an attribute's length");
    }
    Attribute attribute = new Attribute(record, at, (int) length);
    int nameEnd = LittleEndian.u16(bytes, at + 0x0A) + 2 * LittleEndian.u8(bytes, at + 9);
    if (LittleEndian.u8(bytes, at + 9) > 0 && nameEnd > length) {
      throw corrupt(record, at, nameEnd, "a name within the attribute");
    }
    attribute.check();
    return attribute;
  }

  private void check() throws CorruptImageException {
    byte[] bytes = record.bytes();
    if (!isResident()) {
      int pairs = LittleEndian.u16(bytes, at + 0x20);
      int nameEnd = LittleEndian.u16(bytes, at + 0x0A) + 2 * LittleEndian.u8(bytes, at + 9);
      if (LittleEndian.u8(bytes, at + 9) > 0 && nameEnd > pairs) {
        throw corrupt(record, at, nameEnd, "a name before the mapping pairs");
      }
      if (length < NON_RESIDENT_HEADER || pairs < NON_RESIDENT_HEADER || pairs > length) {
        throw corrupt(record, at, pairs, "mapping pairs within the attribute");
      }
      if (lowest() < 0 || lowest() >= 1L << 55) {
        throw corrupt(record, at, lowest(), "a first cluster");
      }
      return;
    }
    long value = LittleEndian.u16(bytes, at + 0x14) + LittleEndian.u32(bytes, at + 0x10);
    if (value > length) {
      throw corrupt(record, at, value, "a value within the attribute");
    }
  }

  MftRecord record() {
    return record;
  }

  int at() {
    return at;
  }

  int length() {
    return length;
  }

  int type() {
    return LittleEndian.s32(record.bytes(), at);
  }

  boolean isResident() {
    return record.bytes()[at + 8] == 0;
  }

  int flags() {
    return LittleEndian.u16(record.bytes(), at + 0x0C);
  }

  int instance() {
    return LittleEndian.u16(record.bytes(), at + 0x0E);
  }

  boolean isIndexed() {
    return isResident() && record.bytes()[at + 0x16] != 0;
  }

  String name() {
    int characters = LittleEndian.u8(record.bytes(), at + 9);
    return characters == 0
        ? ""
        : Utf16.decode(
            record.bytes(), at + LittleEndian.u16(record.bytes(), at + 0x0A), characters);
  }

  boolean is(int type, String name) {
    return type() == type
        && LittleEndian.u8(record.bytes(), at + 9) == name.length()
        && name().equals(name);
  }

  /// Where a resident attribute's value begins in the record.
  int valueAt() {
    return at + LittleEndian.u16(record.bytes(), at + 0x14);
  }

  int valueLength() {
    return LittleEndian.s32(record.bytes(), at + 0x10);
  }

  byte[] value() {
    return Arrays.copyOfRange(record.bytes(), valueAt(), valueAt() + valueLength());
  }

  /// The number of a non-resident extent's first cluster.
  long lowest() {
    return LittleEndian.s64(record.bytes(), at + 0x10);
  }

  int compressionUnitBits() {
    return LittleEndian.u8(record.bytes(), at + 0x22);
  }

  long allocatedSize() {
    return LittleEndian.s64(record.bytes(), at + 0x28);
  }

  long dataSize() {
    return LittleEndian.s64(record.bytes(), at + 0x30);
  }

  long initializedSize() {
    return LittleEndian.s64(record.bytes(), at + 0x38);
  }

  /// Where the mapping pairs begin in a non-resident attribute.
  int pairsAt() {
    return LittleEndian.u16(record.bytes(), at + 0x20);
  }

  /// The extent's runs.
  ///
  /// @param clusters on the volume
  RunList runs(long clusters) throws CorruptImageException {
    return RunList.decode(record.bytes(), at + pairsAt(), at + length, lowest(), clusters);
  }

  private static CorruptImageException corrupt(
      MftRecord record, int at, Object found, Object wanted) {
    return CorruptImageException.at(
        "NTFS", "file record " + record.number() + ", attribute", at, found, wanted);
  }
}
