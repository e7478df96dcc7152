package io.calco.disk.qcow2;

import java.lang.foreign.MemorySegment;

/// A header extension, known to us or not.
///
/// @param type its number
/// @param data its bytes, read-only, without padding
record HeaderExtension(int type, MemorySegment data) {

  /// Copies what a caller may change.
  HeaderExtension {
    data = MemorySegment.ofArray(data.toArray(Qcow2Layout.U8)).asReadOnly();
  }

  /// Bytes it takes in the file.
  long fileLength() {
    return 8 + (data.byteSize() + 7) / 8 * 8;
  }

  @Override
  public String toString() {
    return "extension 0x%08x of %d bytes".formatted(type, data.byteSize());
  }
}
