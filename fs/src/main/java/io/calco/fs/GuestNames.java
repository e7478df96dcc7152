package io.calco.fs;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// File names as text, without loss: bytes that are not UTF-8 become the lone surrogates
/// U+DC80–U+DCFF and come back.
public final class GuestNames {
  private GuestNames() {}

  /// The name's text.
  public static String decode(byte[] name) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(name);
    CharBuffer out = CharBuffer.allocate(name.length);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (!result.isError()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (0xDC00 | (in.get() & 0xFF)));
      }
      decoder.reset();
    }
  }

  /// The name's bytes.
  public static byte[] encode(String name) {
    if (name.chars().allMatch(c -> c < 0x80)) {
      return name.getBytes(StandardCharsets.US_ASCII);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(name.length());
    int i = 0;
    while (i < name.length()) {
      char c = name.charAt(i);
      if (c >= 0xDC80 && c <= 0xDCFF) {
        out.write(c & 0xFF);
        i++;
      } else {
        int codePoint = name.codePointAt(i);
        out.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(codePoint);
      }
    }
    return out.toByteArray();
  }
}
