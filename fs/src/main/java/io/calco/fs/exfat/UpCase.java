package io.calco.fs.exfat;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The volume's own table of capital letters, by which names are compared.
final class UpCase {
  private static final int UNITS = 1 << 16;
  private static final int BYTES_MAX = 2 * UNITS; // the specification's
  private static final int RUN = 0xFFFF;

  private final char[] table = new char[UNITS];

  private UpCase() {
    for (int i = 0; i < UNITS; i++) {
      table[i] = (char) i;
    }
  }

  /// The table that changes nothing.
  static UpCase none() {
    return new UpCase();
  }

  /// Reads the table; where it ends, letters stay as they are.
  static UpCase load(Clusters clusters, Clusters.Stream stream) throws IOException {
    UpCase upCase = new UpCase();
    int length = Math.clamp(stream.length(), 0, BYTES_MAX) & ~1;
    byte[] bytes = new byte[length];
    if (length > 0) {
      clusters.read(stream, 0, MemorySegment.ofArray(bytes));
    }
    int unit = 0;
    for (int at = 0; at + 2 <= length && unit < UNITS; at += 2) {
      int value = LittleEndian.u16(bytes, at);
      if (value == RUN && at + 4 <= length) {
        at += 2;
        unit += LittleEndian.u16(bytes, at); // so many stay as they are
      } else {
        upCase.table[unit++] = (char) value;
      }
    }
    return upCase;
  }

  /// What names are compared by.
  String key(String name) {
    char[] chars = name.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      chars[i] = table[chars[i]];
    }
    return new String(chars);
  }
}
