package io.calco.guest;

/// Text from a guest, made safe to print on a terminal.
public final class PrintableText {
  private PrintableText() {}

  /// `text` with control characters, bytes that were not UTF-8, line and paragraph separators and
  /// direction overrides as `\xNN` or `\x{N}`, and a backslash as `\\`.
  public static String of(String text) {
    if (text.codePoints().noneMatch(PrintableText::escaped)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> append(out, c));
    return out.toString();
  }

  private static void append(StringBuilder out, int c) {
    if (c == '\\') {
      out.append("\\\\");
    } else if (c >= 0xDC80 && c <= 0xDCFF) {
      out.append("\\x%02x".formatted(c & 0xFF));
    } else if (!escaped(c)) {
      out.appendCodePoint(c);
    } else if (c < 0x100) {
      out.append("\\x%02x".formatted(c));
    } else {
      out.append("\\x{%x}".formatted(c));
    }
  }

  private static boolean escaped(int c) {
    return c == '\\'
        || switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR ->
              true;
          default -> false;
        };
  }
}
