package io.calco.guest.registry;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;

/// The reference count of an `sk` cell, which keys share, and the ring that such cells form.
final class SecurityCell {
  private static final int SIGNATURE = 0x6B73; // "sk"
  private static final int FORWARD = 4;
  private static final int BACKWARD = 8;
  private static final int REFERENCES = 12;
  private static final int HEADER = 20;

  private SecurityCell() {}

  private static int at(Cells cells, long cell) throws IOException {
    int at = cells.data("security descriptor", cell, HEADER);
    int signature = LittleEndian.u16(cells.bytes(), at);
    if (signature != SIGNATURE) {
      throw cells.corrupt(
          "security descriptor", cell, "signature 0x%04x".formatted(signature), "sk");
    }
    return at;
  }

  /// One key more.
  static void share(Cells cells, long cell) throws IOException {
    if (cell != Cells.NONE) {
      int at = at(cells, cell);
      LittleEndian.put32(
          cells.bytes(), at + REFERENCES, LittleEndian.s32(cells.bytes(), at + REFERENCES) + 1);
    }
  }

  /// One key less; the last one frees it.
  static void release(Cells cells, long cell) throws IOException {
    if (cell == Cells.NONE) {
      return;
    }
    int at = at(cells, cell);
    byte[] bytes = cells.bytes();
    long references = LittleEndian.u32(bytes, at + REFERENCES);
    if (references > 1) {
      LittleEndian.put32(bytes, at + REFERENCES, references - 1);
      return;
    }
    long next = LittleEndian.u32(bytes, at + FORWARD);
    long previous = LittleEndian.u32(bytes, at + BACKWARD);
    LittleEndian.put32(bytes, at(cells, previous) + FORWARD, next);
    LittleEndian.put32(bytes, at(cells, next) + BACKWARD, previous);
    cells.free(at);
  }

  /// The one descriptor of a new hive.
  ///
  /// @param descriptor self-relative, as Windows keeps it
  static int create(Cells cells, byte[] descriptor) throws IOException {
    int cell = cells.allocate(HEADER + descriptor.length);
    byte[] bytes = cells.bytes();
    LittleEndian.put16(bytes, cell + 4, SIGNATURE);
    LittleEndian.put32(bytes, cell + 4 + FORWARD, cell);
    LittleEndian.put32(bytes, cell + 4 + BACKWARD, cell);
    LittleEndian.put32(bytes, cell + 4 + REFERENCES, 1);
    LittleEndian.put32(bytes, cell + 4 + 16, descriptor.length);
    System.arraycopy(descriptor, 0, bytes, cell + 4 + HEADER, descriptor.length);
    return cell;
  }
}
