package io.calco.guest.registry;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// A `vk` cell and the data that belong to it.
final class ValueCell {
  private static final int SIGNATURE = 0x6B76; // "vk"
  private static final int HEADER = 20;
  private static final int IN_PLACE = 0x8000_0000;
  private static final int BIG_DATA = 0x6264; // "db"
  private static final int SEGMENT = 16_344; // bytes of one big data segment
  private static final int SPARE = 4; // bytes that Windows and hivex leave at a segment's end
  private static final int MAX_BIG = SEGMENT * 0xFFFF;

  private final Cells cells;
  private final long cell;
  private final int at;

  private ValueCell(Cells cells, long cell, int at) {
    this.cells = cells;
    this.cell = cell;
    this.at = at;
  }

  static ValueCell of(Cells cells, long cell) throws IOException {
    int at = cells.data("value", cell, HEADER);
    int signature = LittleEndian.u16(cells.bytes(), at);
    if (signature != SIGNATURE) {
      throw cells.corrupt("value", cell, "signature 0x%04x".formatted(signature), "vk");
    }
    cells.data("value's name", cell, HEADER + LittleEndian.u16(cells.bytes(), at + 2));
    return new ValueCell(cells, cell, at);
  }

  String name() {
    byte[] bytes = cells.bytes();
    int length = LittleEndian.u16(bytes, at + 2);
    return (LittleEndian.u16(bytes, at + 16) & 1) != 0
        ? Names.decodeNarrow(bytes, at + HEADER, length)
        : Names.decodeWide(bytes, at + HEADER, length);
  }

  int type() {
    return LittleEndian.s32(cells.bytes(), at + 12);
  }

  RegistryData data() throws IOException {
    return RegistryData.decode(type(), content());
  }

  private byte[] content() throws IOException {
    byte[] bytes = cells.bytes();
    int size = LittleEndian.s32(bytes, at + 4);
    if ((size & IN_PLACE) != 0) {
      int length = Math.min(4, size & ~IN_PLACE);
      return java.util.Arrays.copyOfRange(bytes, at + 8, at + 8 + length);
    }
    if (size == 0) {
      return new byte[0];
    }
    if (size > cells.size()) {
      throw cells.corrupt("value", cell, size + " bytes of data", "less than the hive has");
    }
    long offset = LittleEndian.u32(bytes, at + 8);
    int data = cells.data("value's data", offset, 0);
    if (isBig(size, data)) {
      return bigContent(offset, data, size);
    }
    cells.data("value's data", offset, size);
    return java.util.Arrays.copyOfRange(bytes, data, data + size);
  }

  /// Big data are told by their size and their mark; before version 1.4 the cell is large enough.
  private boolean isBig(int size, int data) {
    return size > SEGMENT
        && cells.capacity(data) < size
        && cells.capacity(data) >= 8
        && LittleEndian.u16(cells.bytes(), data) == BIG_DATA;
  }

  private byte[] bigContent(long offset, int data, int size) throws IOException {
    byte[] bytes = cells.bytes();
    int count = LittleEndian.u16(bytes, data + 2);
    if (count != (size + SEGMENT - 1) / SEGMENT) {
      throw cells.corrupt("big data", offset, count + " segments", "as " + size + " bytes need");
    }
    int list = cells.data("big data's list", LittleEndian.u32(bytes, data + 4), 4 * count);
    byte[] content = new byte[size];
    for (int i = 0; i < count; i++) {
      int length = Math.min(SEGMENT, size - i * SEGMENT);
      long segment = LittleEndian.u32(bytes, list + 4 * i);
      int from = cells.data("big data's segment", segment, length);
      System.arraycopy(bytes, from, content, i * SEGMENT, length);
    }
    return content;
  }

  /// Frees the cells of the data, and this.
  void free() throws IOException {
    freeData();
    cells.free(at);
  }

  private void freeData() throws IOException {
    byte[] bytes = cells.bytes();
    int size = LittleEndian.s32(bytes, at + 4);
    if (size == 0 || (size & IN_PLACE) != 0) {
      return;
    }
    long offset = LittleEndian.u32(bytes, at + 8);
    int data = cells.data("value's data", offset, 0);
    if (isBig(size, data)) {
      int count = LittleEndian.u16(bytes, data + 2);
      int list = cells.data("big data's list", LittleEndian.u32(bytes, data + 4), 4 * count);
      for (int i = 0; i < count; i++) {
        long segment = LittleEndian.u32(bytes, list + 4 * i);
        cells.free(cells.data("big data's segment", segment, 0));
      }
      cells.free(list);
    }
    cells.free(data);
  }

  /// Makes a value.
  ///
  /// @param minor the hive's minor version: big data from 4 on
  /// @return its cell
  static int create(Cells cells, RegistryValue value, long minor) throws IOException {
    byte[] name = Names.encode(value.name());
    byte[] content = value.data().encode();
    boolean inPlace = content.length <= 4;
    int data = inPlace ? 0 : store(cells, content, minor);
    int cell = cells.allocate(HEADER + name.length);
    byte[] bytes = cells.bytes();
    LittleEndian.put16(bytes, cell + 4, SIGNATURE);
    LittleEndian.put16(bytes, cell + 6, name.length);
    LittleEndian.put32(bytes, cell + 8, inPlace ? content.length | IN_PLACE : content.length);
    if (inPlace) {
      System.arraycopy(content, 0, bytes, cell + 12, content.length);
    } else {
      LittleEndian.put32(bytes, cell + 12, data);
    }
    LittleEndian.put32(bytes, cell + 16, value.data().type());
    LittleEndian.put16(bytes, cell + 20, Names.narrow(value.name()) ? 1 : 0);
    System.arraycopy(name, 0, bytes, cell + 4 + HEADER, name.length);
    return cell;
  }

  private static int store(Cells cells, byte[] content, long minor) throws IOException {
    if (content.length <= SEGMENT || minor < 4) {
      return storeRun(cells, content, 0, content.length, 0);
    }
    if (content.length > MAX_BIG) {
      throw new LimitExceededException(
          "a registry value of %d bytes; at most %d can be kept"
              .formatted(content.length, MAX_BIG));
    }
    int count = (content.length + SEGMENT - 1) / SEGMENT;
    int list = cells.allocate(4 * count);
    for (int i = 0; i < count; i++) {
      int length = Math.min(SEGMENT, content.length - i * SEGMENT);
      int segment = storeRun(cells, content, i * SEGMENT, length, SPARE);
      LittleEndian.put32(cells.bytes(), list + 4 + 4 * i, segment);
    }
    int big = cells.allocate(8);
    LittleEndian.put16(cells.bytes(), big + 4, BIG_DATA);
    LittleEndian.put16(cells.bytes(), big + 6, count);
    LittleEndian.put32(cells.bytes(), big + 8, list);
    return big;
  }

  private static int storeRun(Cells cells, byte[] content, int from, int length, int spare)
      throws IOException {
    int cell = cells.allocate(length + spare);
    System.arraycopy(content, from, cells.bytes(), cell + 4, length);
    return cell;
  }
}
