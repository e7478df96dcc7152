package io.calco.sys;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// File names as the kernel wants them: bytes that end with a zero.
final class NativeName {
  private NativeName() {}

  /// The path's own bytes, whatever the locale.
  static MemorySegment of(Path path, Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, terminated(bytes(path)));
  }

  private static byte[] terminated(byte[] name) {
    return Arrays.copyOf(name, name.length + 1);
  }

  static byte[] bytes(Path path) {
    String name = path.toString();
    if (name.isEmpty()) {
      return new byte[] {'.'};
    }
    return name.chars().allMatch(c -> c < 0x80 && c != '?')
        ? name.getBytes(StandardCharsets.US_ASCII)
        : fromUri(path);
  }

  /// A path keeps the bytes it was made from, and its URI is the one way to see them: its string
  /// has lost those that the locale's encoding does not know.
  private static byte[] fromUri(Path path) {
    String raw = path.toUri().getRawPath();
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') {
        name.write(Integer.parseInt(raw, i + 1, i + 3, 16));
        i += 2;
      } else {
        name.write(raw.charAt(i));
      }
    }
    return name.toByteArray();
  }
}
