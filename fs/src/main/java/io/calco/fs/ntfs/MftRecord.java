package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.util.ArrayList;
import java.util.List;

/// A file record, its update sequence undone.
final class MftRecord {
  static final int IN_USE = 1;
  static final int DIRECTORY = 2;
  private static final int MAX_ATTRIBUTES = 4096; // ours: a record of 64 KiB holds fewer

  private final long number;
  private final byte[] bytes;
  private final List<Attribute> attributes = new ArrayList<>();

  private MftRecord(long number, byte[] bytes) {
    this.number = number;
    this.bytes = bytes;
  }

  /// Looks through a record.
  ///
  /// @param bytes not to be changed while the record is used
  static MftRecord parse(long number, byte[] bytes) throws CorruptImageException {
    MftRecord record = new MftRecord(number, bytes);
    int at = LittleEndian.u16(bytes, 0x14);
    long used = LittleEndian.u32(bytes, 0x18);
    if (at < 0x2A || (at & 7) != 0 || used > bytes.length || at + 4 > used) {
      throw CorruptImageException.at(
          "NTFS", "file record " + number + ", attributes", at, used, "some within the record");
    }
    int end = (int) used;
    while (at + 4 <= end && LittleEndian.s32(bytes, at) != AttributeType.END) {
      if (record.attributes.size() >= MAX_ATTRIBUTES) {
        throw CorruptImageException.at("NTFS", "file record " + number, at, "more", MAX_ATTRIBUTES);
      }
      Attribute attribute = Attribute.parse(record, at, end);
      record.attributes.add(attribute);
      at += attribute.length();
    }
    return record;
  }

  long number() {
    return number;
  }

  byte[] bytes() {
    return bytes;
  }

  List<Attribute> attributes() {
    return attributes;
  }

  boolean isInUse() {
    return (flags() & IN_USE) != 0;
  }

  boolean isDirectory() {
    return (flags() & DIRECTORY) != 0;
  }

  int flags() {
    return LittleEndian.u16(bytes, 0x16);
  }

  int sequence() {
    return LittleEndian.u16(bytes, 0x10);
  }

  /// The reference to the record that this one extends; 0 when it is a file's first.
  long base() {
    return LittleEndian.s64(bytes, 0x20);
  }

  /// How others refer to it.
  long reference() {
    return reference(number, sequence());
  }

  static long reference(long number, int sequence) {
    return (long) sequence << 48 | number;
  }

  static long numberOf(long reference) {
    return reference & (1L << 48) - 1;
  }

  static int sequenceOf(long reference) {
    return (int) (reference >>> 48);
  }
}
