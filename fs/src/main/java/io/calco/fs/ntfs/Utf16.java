package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;

/// Text in two-byte units, halves of pairs that stand alone kept as they are.
final class Utf16 {
  private Utf16() {}

  static String decode(byte[] bytes, int at, int units) {
    char[] text = new char[units];
    for (int i = 0; i < units; i++) {
      text[i] = (char) LittleEndian.u16(bytes, at + 2 * i);
    }
    return new String(text);
  }

  static byte[] encode(String text) {
    byte[] bytes = new byte[2 * text.length()];
    for (int i = 0; i < text.length(); i++) {
      LittleEndian.put16(bytes, 2 * i, text.charAt(i));
    }
    return bytes;
  }
}
