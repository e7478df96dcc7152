package io.calco.disk.qcow2;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Text in an image: UTF-8, and nothing in it is trusted.
final class Texts {
  private Texts() {}

  /// The text up to the first zero byte, control characters replaced: safe for a terminal.
  static String decode(MemorySegment bytes) {
    String text = exact(bytes);
    int end = text.indexOf('\0');
    StringBuilder out = new StringBuilder();
    (end < 0 ? text : text.substring(0, end))
        .codePoints()
        .forEach(c -> out.appendCodePoint(hidden(c) ? '\uFFFD' : c));
    return out.toString();
  }

  /// The text as it stands.
  static String exact(MemorySegment bytes) {
    return new String(bytes.toArray(Qcow2Layout.U8), StandardCharsets.UTF_8);
  }

  private static boolean hidden(int codePoint) {
    return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.FORMAT;
  }
}
