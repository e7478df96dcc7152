package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;

/// Records and attributes as bytes.
final class RecordFormat {
  private static final int SEQUENCE_AT = 0x30;

  private RecordFormat() {}

  /// A record that is in no use and holds nothing.
  static byte[] blank(int size, long number, int sequence) {
    byte[] record = new byte[size];
    int count = size / Fixups.STRIDE + 1;
    int first = SEQUENCE_AT + 2 * count + 7 & ~7;
    LittleEndian.put32(record, 0, Fixups.FILE);
    LittleEndian.put16(record, 0x04, SEQUENCE_AT);
    LittleEndian.put16(record, 0x06, count);
    LittleEndian.put16(record, 0x10, sequence);
    LittleEndian.put16(record, 0x14, first);
    LittleEndian.put32(record, 0x18, first + 8);
    LittleEndian.put32(record, 0x1C, size);
    LittleEndian.put32(record, 0x2C, number);
    LittleEndian.put16(record, SEQUENCE_AT, 1);
    LittleEndian.put32(record, first, AttributeType.END);
    return record;
  }

  /// An attribute as it stands in a record.
  static byte[] attribute(EditedFile.Item item, int instance, int clusterBits) {
    return item.content().isResident()
        ? resident(item, instance)
        : nonResident(item, instance, clusterBits);
  }

  private static byte[] resident(EditedFile.Item item, int instance) {
    byte[] name = Utf16.encode(item.name());
    byte[] value = item.content().value();
    int valueAt = 0x18 + name.length + 7 & ~7;
    byte[] bytes = new byte[valueAt + value.length + 7 & ~7];
    head(bytes, item, instance, 0x18);
    LittleEndian.put32(bytes, 0x10, value.length);
    LittleEndian.put16(bytes, 0x14, valueAt);
    LittleEndian.put8(bytes, 0x16, item.indexed() ? 1 : 0);
    System.arraycopy(name, 0, bytes, 0x18, name.length);
    System.arraycopy(value, 0, bytes, valueAt, value.length);
    return bytes;
  }

  private static byte[] nonResident(EditedFile.Item item, int instance, int clusterBits) {
    Content content = item.content();
    boolean packed = (content.flags() & (Attribute.COMPRESSED | Attribute.SPARSE)) != 0;
    int nameAt = packed ? 0x48 : 0x40;
    byte[] name = Utf16.encode(item.name());
    byte[] pairs = content.runs().encode();
    int pairsAt = nameAt + name.length + 7 & ~7;
    byte[] bytes = new byte[pairsAt + pairs.length + 7 & ~7];
    head(bytes, item, instance, nameAt);
    LittleEndian.put8(bytes, 8, 1);
    LittleEndian.put64(bytes, 0x18, content.runs().end() - 1);
    LittleEndian.put16(bytes, 0x20, pairsAt);
    LittleEndian.put8(bytes, 0x22, content.unitBits());
    LittleEndian.put64(bytes, 0x28, content.sizes().allocated());
    LittleEndian.put64(bytes, 0x30, content.sizes().data());
    LittleEndian.put64(bytes, 0x38, content.sizes().initialized());
    if (packed) {
      LittleEndian.put64(bytes, 0x40, content.runs().allocated() << clusterBits);
    }
    System.arraycopy(name, 0, bytes, nameAt, name.length);
    System.arraycopy(pairs, 0, bytes, pairsAt, pairs.length);
    return bytes;
  }

  private static void head(byte[] bytes, EditedFile.Item item, int instance, int nameAt) {
    LittleEndian.put32(bytes, 0, item.type());
    LittleEndian.put32(bytes, 4, bytes.length);
    LittleEndian.put8(bytes, 9, item.name().length());
    LittleEndian.put16(bytes, 0x0A, nameAt);
    LittleEndian.put16(bytes, 0x0C, item.content().flags());
    LittleEndian.put16(bytes, 0x0E, instance);
  }
}
