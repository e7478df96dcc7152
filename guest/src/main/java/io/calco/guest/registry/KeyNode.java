package io.calco.guest.registry;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// The fields of an `nk` cell. Cells move to another array when one is allocated, so fields are
/// always reached through [Cells#bytes].
final class KeyNode {
  static final int FLAGS = 2;
  static final int LAST_WRITTEN = 4;
  static final int PARENT = 16;
  static final int SUBKEY_COUNT = 20;
  static final int SUBKEYS = 28;
  static final int VOLATILE_SUBKEYS = 32;
  static final int VALUE_COUNT = 36;
  static final int VALUES = 40;
  static final int SECURITY = 44;
  static final int CLASS = 48;
  static final int LONGEST_SUBKEY = 52;
  static final int LONGEST_VALUE_NAME = 60;
  static final int LARGEST_DATA = 64;
  static final int NAME_LENGTH = 72;
  static final int CLASS_LENGTH = 74;
  static final int HEADER = 76;

  static final int ROOT = 0x0C; // the hive's entry, not to be deleted
  static final int NARROW = 0x20;

  private static final int SIGNATURE = 0x6B6E; // "nk"

  private final Cells cells;
  private final int cell;

  private KeyNode(Cells cells, int cell) {
    this.cells = cells;
    this.cell = cell;
  }

  static KeyNode of(Cells cells, long cell) throws IOException {
    int at = cells.data("key", cell, HEADER);
    int signature = LittleEndian.u16(cells.bytes(), at);
    if (signature != SIGNATURE) {
      throw cells.corrupt("key", cell, "signature 0x%04x".formatted(signature), "nk");
    }
    cells.data("key's name", cell, HEADER + LittleEndian.u16(cells.bytes(), at + NAME_LENGTH));
    return new KeyNode(cells, (int) cell);
  }

  /// Makes a key without subkeys and values.
  static KeyNode create(Cells cells, String name, int flags) throws IOException {
    byte[] encoded = Names.encode(name);
    KeyNode node = new KeyNode(cells, cells.allocate(HEADER + encoded.length));
    int at = node.cell + 4;
    LittleEndian.put16(cells.bytes(), at, SIGNATURE);
    LittleEndian.put16(cells.bytes(), at + FLAGS, flags | (Names.narrow(name) ? NARROW : 0));
    LittleEndian.put16(cells.bytes(), at + NAME_LENGTH, encoded.length);
    System.arraycopy(encoded, 0, cells.bytes(), at + HEADER, encoded.length);
    for (int field : new int[] {SUBKEYS, VOLATILE_SUBKEYS, VALUES, SECURITY, CLASS}) {
      node.put(field, Cells.NONE);
    }
    return node;
  }

  int cell() {
    return cell;
  }

  /// Four bytes, unsigned.
  long get(int field) {
    return LittleEndian.u32(cells.bytes(), cell + 4 + field);
  }

  int get16(int field) {
    return LittleEndian.u16(cells.bytes(), cell + 4 + field);
  }

  long lastWritten() {
    return LittleEndian.s64(cells.bytes(), cell + 4 + LAST_WRITTEN);
  }

  void put(int field, long value) {
    LittleEndian.put32(cells.bytes(), cell + 4 + field, value);
  }

  void putLastWritten(long fileTime) {
    LittleEndian.put64(cells.bytes(), cell + 4 + LAST_WRITTEN, fileTime);
  }

  /// Makes a field that holds a maximum as large as this.
  void raise(int field, long value) {
    put(field, Math.max(get(field), value));
  }

  String name() {
    int length = get16(NAME_LENGTH);
    int at = cell + 4 + HEADER;
    return (get16(FLAGS) & NARROW) != 0
        ? Names.decodeNarrow(cells.bytes(), at, length)
        : Names.decodeWide(cells.bytes(), at, length);
  }

  /// The offset of each value, in the order of the list.
  long[] values() throws IOException {
    long count = get(VALUE_COUNT);
    if (count == 0) {
      return new long[0];
    }
    long list = get(VALUES);
    if (count > cells.size() / 4) {
      throw cells.corrupt("key", cell, count + " values", "as many as fit the hive");
    }
    int data = cells.data("value list", list, Math.toIntExact(4 * count));
    long[] values = new long[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = LittleEndian.u32(cells.bytes(), data + 4 * i);
    }
    return values;
  }

  /// Replaces the list of values.
  void putValues(long[] values) throws IOException {
    int list = values.length == 0 ? 0 : cells.allocate(4 * values.length);
    for (int i = 0; i < values.length; i++) {
      LittleEndian.put32(cells.bytes(), list + 4 + 4 * i, values[i]);
    }
    freeValueList();
    put(VALUES, values.length == 0 ? Cells.NONE : list);
    put(VALUE_COUNT, values.length);
  }

  void freeValueList() throws IOException {
    if (get(VALUE_COUNT) > 0) {
      cells.free(cells.data("value list", get(VALUES), 4));
    }
  }
}
